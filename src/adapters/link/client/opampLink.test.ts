import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startOpampServer } from '../server/opampServer.ts';
import { eventually } from '../testing/eventually.ts';
import { type LinkUnderTest, linkTo } from '../testing/linkUnderTest.ts';
import { LOOPBACK_CERTIFICATE } from '../testing/loopbackCertificate.ts';
import { reportOf } from '../testing/reportOf.ts';
import { ScriptedServer } from '../testing/scriptedServer.ts';
import { SkippingClock } from '../testing/skippingClock.ts';
import { digestOf, TestFleet } from '../testing/testFleet.ts';
import { entropy, recordingLogger, withServer } from '../testing/withServer.ts';
import type { LinkLimits } from './linkTransport.ts';

const slot = { service: 'shop', role: 'web', slot: 'config/shop' };
const observations = (total: number) => ({
  observations: [{ metric: 'requests', slot: 'config/shop', artifact: null, epoch: 1, total, present: true }],
  exposedCounters: ['requests_total'],
  exposedGauges: ['requests_open'],
  exposedHistograms: [],
  scrapeError: '',
});

/** Lets time pass until the agent speaks by itself: not before it has heard the answer to what it said. */
async function nextHeartbeat(clock: SkippingClock): Promise<void> {
  await eventually('it rests', () => clock.pending.length === 1 && (clock.pending[0] ?? 0) > 20_000);
  clock.skip(30_000);
}

for (const scheme of ['ws', 'http'] as const) {
  const urlOf = (port: number) => `${scheme}://127.0.0.1:${port}/v1/opamp`;

  describe(`the agent's link over ${scheme}`, () => {
    withServer(
      'introduces its target, is told its assignments and tells how it stands',
      {},
      async ({ fleet, server, atEnd }) => {
        const assignment = fleet.assign({ ...slot, lastKnownGood: 'old', candidate: 'new' });
        const { link, target, assigned, states, open } = linkTo(urlOf(server.port));
        atEnd(() => link.close());
        const report = reportOf({ generation: assignment.generation, phase: 'preparing' });
        link.report(report);
        open();
        await eventually('it is told', () => assigned.length > 0);
        assert.deepEqual(assigned[0]?.assignments, [assignment]);
        assert.deepEqual(fleet.introduced, [target]);
        await eventually('its report is there', () => fleet.lastReport(target.uid));
        assert.deepEqual(fleet.lastReport(target.uid), report);
        assert.deepEqual(states, [`up: connected to ${urlOf(server.port)}`]);
        link.observe(observations(7));
        await eventually('its counters are there', () => fleet.observed.length > 0);
        assert.deepEqual(fleet.observed[0], { uid: target.uid, observations: observations(7) });
      },
    );

    withServer('a role left out is the only one of its service', {}, async ({ fleet, server, atEnd }) => {
      fleet.addService('solo', ['one'], 'config/solo');
      const { link, target, assigned, open } = linkTo(urlOf(server.port), { role: '' });
      atEnd(() => link.close());
      Object.assign(target, { service: 'solo' });
      open();
      const set = await eventually('it is told its role', () => assigned[0]);
      assert.equal(set.role, 'one');
    });

    withServer('is confirmed when it reports a verified apply', {}, async ({ fleet, server, atEnd }) => {
      const { generation } = fleet.assign({ ...slot, candidate: 'new' });
      const { link, confirmed, assigned, open } = linkTo(urlOf(server.port));
      atEnd(() => link.close());
      open();
      await eventually('it is told', () => assigned.length > 0);
      link.report(reportOf({ generation, phase: 'provisional', current: digestOf('new') }));
      await eventually('it is confirmed', () => confirmed.length > 0);
      assert.deepEqual(confirmed[0], { slot: 'config/shop', generation, artifact: digestOf('new') });
    });

    withServer('hears of a change, over HTTP at its next poll', {}, async ({ fleet, server, atEnd }) => {
      const { link, assigned, clock, open } = linkTo(urlOf(server.port));
      atEnd(() => link.close());
      open();
      await eventually('it is told', () => assigned.length > 0);
      await eventually('it rests', () => server.metrics.messagesSent >= 2);
      const { generation } = fleet.assign({ ...slot, candidate: 'new' });
      await eventually('it hears of it', () => {
        if (scheme === 'http') clock.skip(1_000);
        return assigned.at(-1)?.assignments[0]?.generation === generation;
      });
    });

    withServer('says goodbye, after what it had left to say', {}, async ({ fleet, server }) => {
      const { link, target, states, open } = linkTo(urlOf(server.port));
      open();
      await eventually('it is up', () => states.length > 0);
      link.report(reportOf({ phase: 'failed', failure: 'the last words' }));
      await Promise.all([link.close(), link.close()]);
      await eventually('it is lost', () => !fleet.isConnected(target.uid));
      assert.equal(fleet.lastReport(target.uid)?.slots[0]?.failure, 'the last words');
    });

    withServer('keeps trying while it is refused, and says why', {}, async ({ fleet, server, atEnd }) => {
      const { link, target, clock, states, open } = linkTo(urlOf(server.port), { role: 'blob' });
      atEnd(() => link.close());
      link.report(reportOf({ failure: 'kept' }));
      open();
      await eventually('it is refused', () => states.length > 0);
      assert.match(states[0] ?? '', /^down: .* refused this target: unknown-role: .*"blob"/);
      fleet.addService('shop', ['web', 'api', 'blob'], 'config/shop');
      await eventually('it is accepted', () => {
        clock.skip(5_000);
        return states.some((state) => state.startsWith('up'));
      });
      await eventually(
        'what it said before is said again',
        () => fleet.lastReport(target.uid)?.slots[0]?.failure === 'kept',
      );
    });

    withServer('with a wrong token says so', {}, async ({ server, atEnd }) => {
      const { link, states, open } = linkTo(urlOf(server.port), { token: 'wrong' });
      atEnd(() => link.close());
      open();
      await eventually('it is turned away', () => states.length > 0);
      assert.match(states[0] ?? '', /^down: .*does not accept this agent's token \(401\); check the token file$/);
      assert.ok(!states.join().includes('wrong'));
    });

    withServer(
      'waits as long as a busy server asks for, and a little more',
      { connections: 0, requests: 0 },
      async ({ server, atEnd }) => {
        const { link, clock, states, open } = linkTo(urlOf(server.port));
        atEnd(() => link.close());
        open();
        await eventually('it is turned away', () => states.length > 0);
        assert.match(states[0] ?? '', /is busy \(503\)$/);
        const [waitMs] = await eventually('it waits', () => clock.pending.length > 0 && clock.pending);
        assert.ok(waitMs !== undefined && waitMs > 29_000 && waitMs <= 45_000, `${waitMs}`);
        link.report(reportOf({}));
        assert.equal(server.metrics.throttled, 1, 'news does not make it come sooner');
        clock.skip(45_000);
        await eventually('it tries again', () => server.metrics.throttled === 2);
      },
    );

    withServer('downloads artifacts, within a limit, and believes no other bytes', {}, async ({ fleet, server }) => {
      const { link } = linkTo(urlOf(server.port));
      const digest = fleet.keep('some bytes');
      assert.equal(Buffer.from(await link.fetchArtifact(digest, 10)).toString(), 'some bytes');
      await assert.rejects(link.fetchArtifact(digest, 9), /larger than 9 bytes/);
      await assert.rejects(link.fetchArtifact(digestOf('unknown'), 10), /the server has no such artifact/);
      fleet.artifacts.set(digest, Buffer.from('other bytes'));
      await assert.rejects(
        link.fetchArtifact(digest, 100),
        new RegExp(`what came has the digest ${digestOf('other bytes')}`),
      );
      await server.close();
      await assert.rejects(link.fetchArtifact(digest, 100), /could not be downloaded from .*ECONNREFUSED/);
    });

    withServer(
      'over TLS trusts whom it is told to',
      { tls: LOOPBACK_CERTIFICATE },
      async ({ fleet, server, atEnd }) => {
        const url = urlOf(server.port).replace(scheme, `${scheme}s`);
        const trusting = linkTo(url, { ca: LOOPBACK_CERTIFICATE.cert });
        const distrusting = linkTo(url);
        atEnd(() => Promise.all([trusting.link.close(), distrusting.link.close()]));
        trusting.open();
        distrusting.open();
        await eventually('one is up', () => trusting.states[0]?.startsWith('up'));
        await eventually('the other is not', () => /^down: .*self-signed/.test(distrusting.states[0] ?? ''));
        const digest = fleet.keep('some bytes');
        assert.equal((await trusting.link.fetchArtifact(digest, 10)).length, 10);
        await assert.rejects(distrusting.link.fetchArtifact(digest, 10), /self-signed/);
      },
    );

    test('of what there is to say while nobody listens, only the newest is kept; a server that comes back is told it', async (t) => {
      const clock = new SkippingClock();
      const start = (fleet: TestFleet, port: number) =>
        startOpampServer({ host: '127.0.0.1', port, fleet, clock, entropy, logger: recordingLogger([]) });
      const first = await start(new TestFleet(clock), 0);
      const { port } = first;
      const { link, target, states, clock: agentClock, open } = linkTo(urlOf(port), { limits: { mostBackoffMs: 50 } });
      t.after(() => link.close());
      open();
      await eventually('it is up', () => states.at(-1)?.startsWith('up'));
      await first.close();
      await eventually('it is down', () => {
        agentClock.skip(1_000);
        return states.at(-1)?.startsWith('down');
      });
      for (let count = 0; count < 100; count++) link.report(reportOf({ failure: `report ${count}` }));
      for (let count = 0; count < 100; count++) link.observe(observations(count));
      const fleet = new TestFleet(clock);
      const second = await start(fleet, port);
      t.after(() => second.close());
      await eventually('the new server knows it', () => fleet.lastReport(target.uid));
      assert.deepEqual(new Set(fleet.reports.map(({ report }) => report.slots[0]?.failure)), new Set(['report 99']));
      assert.equal(fleet.observed.length, 0, 'the next ones will be cumulative');
    });
  });

  describe(`what the agent says over ${scheme}`, () => {
    const scripted = (
      says: string,
      check: (server: ScriptedServer, under: LinkUnderTest) => Promise<void>,
      limits: Partial<LinkLimits> = {},
    ) =>
      test(says, async () => {
        const server = await ScriptedServer.start();
        const under = linkTo(urlOf(server.port), { limits });
        try {
          await check(server, under);
        } finally {
          await under.link.close();
          await server.close();
        }
      });
    const heard = (server: ScriptedServer, count: number) =>
      eventually(`${count} messages`, () => server.received.length >= count && server.received);

    scripted(
      'everything at first, then only what is news; its messages are numbered',
      async (server, { link, clock, open }) => {
        link.report(reportOf({ failure: 'one' }));
        open();
        await heard(server, 1);
        link.report(reportOf({ phase: 'failed', failure: 'two' }));
        await heard(server, 2);
        await nextHeartbeat(clock);
        const [first, second, third] = await heard(server, 3);
        assert.deepEqual(
          first?.agentDescription?.identifyingAttributes.map(({ key }) => key),
          ['service.name', 'service.instance.id'],
        );
        assert.ok(first.customCapabilities && first.customMessage && first.health?.healthy);
        assert.deepEqual(
          [second?.agentDescription, second?.customCapabilities, second?.customMessage?.type],
          [undefined, undefined, 'status'],
        );
        assert.deepEqual([second?.health?.healthy, second?.health?.lastError], [false, 'config/shop: two']);
        assert.deepEqual([third?.customMessage, third?.health], [undefined, undefined], 'a heartbeat');
        const numbers = server.received.map(({ sequenceNum }) => sequenceNum);
        assert.deepEqual(
          numbers,
          numbers.map((_, index) => (numbers[0] ?? 0n) + BigInt(index)),
        );
      },
    );

    scripted('everything again when it is asked', async (server, { open }) => {
      server.answer = ({ sequenceNum }) => ({ flags: sequenceNum === 1n ? 1n : 0n });
      open();
      const [, second] = await heard(server, 2);
      assert.ok(second?.agentDescription);
    });

    scripted('nothing twice that was a bad request', async (server, { link, clock, log, open }) => {
      server.answer = ({ customMessage }) =>
        customMessage ? { errorResponse: { type: 1, errorMessage: 'slots[0]: no' } } : {};
      open();
      await heard(server, 1);
      link.report(reportOf({ failure: 'odd' }));
      await heard(server, 2);
      await eventually('it is in the log', () => log.some((line) => line.includes('slots[0]: no')));
      server.answer = () => ({});
      await nextHeartbeat(clock);
      await heard(server, 3);
      assert.equal(server.received.filter(({ customMessage }) => customMessage?.type === 'status').length, 1);
    });

    scripted(
      'nothing for as long as the server says it is unavailable',
      async (server, { link, clock, states, open }) => {
        const details = { case: 'retryInfo' as const, value: { retryAfterNanoseconds: 40_000_000_000n } };
        server.answer = () => ({ errorResponse: { type: 2, errorMessage: 'no disk', details } });
        open();
        await eventually('it is told', () => states.length > 0);
        assert.match(states[0] ?? '', /is busy: no disk$/);
        link.report(reportOf({}));
        clock.skip(35_000);
        assert.equal(server.received.length, 1);
        server.answer = () => ({});
        clock.skip(30_000);
        await eventually('it comes back', () => states.at(-1)?.startsWith('up'));
        assert.ok(server.received.at(-1)?.agentDescription, 'and says everything');
      },
    );

    scripted('it takes no identity from the server, nor words meant for another', async (server, under) => {
      const { assigned, clock, log, states, open } = under;
      server.answer = ({ sequenceNum, instanceUid }) => {
        if (sequenceNum === 1n) return { instanceUid: instanceUid.toReversed(), flags: 1n };
        return { agentIdentification: { newInstanceUid: new Uint8Array(16).fill(1) } };
      };
      open();
      await eventually('the first is ignored', () => log.some((line) => line.includes('meant for another agent')));
      await nextHeartbeat(clock);
      await eventually('it is refused', () =>
        states.some((state) => /^down: .*same identity is connected/.test(state)),
      );
      assert.equal(server.received[1]?.agentDescription, undefined, 'nor did it do what the other was asked to');
      assert.deepEqual(assigned, []);
    });

    const illegible: readonly [what: string, bytes: Uint8Array][] = [
      ['a message that is none', Uint8Array.from([0, 0xff, 0xff])],
      ['a malformed assignment', Uint8Array.from([0, 0x5a, 0x02, 0x0a, 0x05])],
    ];
    for (const [what, bytes] of illegible) {
      scripted(`it survives ${what}`, async (server, { link, log, states, open }) => {
        server.answer = ({ sequenceNum }) => (sequenceNum === 1n ? (scheme === 'ws' ? bytes : bytes.subarray(1)) : {});
        open();
        await eventually('it says so', () => log.length > 0);
        link.report(reportOf({}));
        await eventually('and goes on', () => states.at(-1)?.startsWith('up'));
      });
    }

    scripted(
      'a server that does not answer is given up, and tried again',
      async (server, { clock, states, open }) => {
        server.answer = () => null;
        open();
        await eventually('it is given up', () => /does not answer any more$|nothing came for/.test(states[0] ?? ''));
        server.answer = () => ({});
        await eventually('it is tried again', () => {
          clock.skip(1_000);
          return states.at(-1)?.startsWith('up');
        });
      },
      { answerMs: 200, goodbyeMs: 200 },
    );
  });
}

describe('what else is not believed', () => {
  test('a URL that leads to no server', () => {
    for (const url of ['ftp://127.0.0.1/', 'nonsense'])
      assert.throws(() => linkTo(url), /ws, wss, http or https|Invalid URL/);
  });

  test('a message over the limit, from a server', async (t) => {
    const server = await ScriptedServer.start();
    t.after(() => server.close());
    server.answer = () => new Uint8Array(2_000);
    const { link, states, open } = linkTo(`ws://127.0.0.1:${server.port}/v1/opamp`, {
      limits: { receiveBytes: 1_000 },
    });
    t.after(() => link.close());
    open();
    await eventually('it is closed', () => states.length > 0);
    assert.match(states[0] ?? '', /Max payload size exceeded/);
  });
});
