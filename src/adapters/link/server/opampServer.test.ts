import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_TYPE } from '../agentMessages.ts';
import { statusMessage } from '../testing/answers.ts';
import { OURS, ourAgent, RawHttp } from '../testing/rawAgent.ts';
import { reportOf } from '../testing/reportOf.ts';
import { SkippingClock } from '../testing/skippingClock.ts';
import { digestOf, TestFleet } from '../testing/testFleet.ts';
import { entropy, recordingLogger, withServer } from '../testing/withServer.ts';
import { type OpampServerOptions, startOpampServer } from './opampServer.ts';

const slot = { service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' };

withServer('over HTTP, what an answer that was lost had told is told again', {}, async ({ clock, fleet, server }) => {
  const { generation } = fleet.assign(slot);
  const agent = ourAgent(new RawHttp(server.port));
  await agent.sayFull(OURS);
  assert.equal(
    (await agent.sayFull(OURS)).customMessage?.type,
    MESSAGE_TYPE.assignment,
    'to an agent that starts over',
  );
  assert.equal((await agent.say()).customMessage, undefined);
  agent.sequence += 1n;
  assert.equal((await agent.say()).customMessage?.type, MESSAGE_TYPE.assignment, 'when a message is missing');
  clock.skip(30_000);
  assert.equal((await agent.say()).customMessage?.type, MESSAGE_TYPE.assignment, 'and every now and then');
  const report = reportOf({ generation, phase: 'provisional', current: digestOf('new') });
  clock.skip(30_000);
  assert.equal(
    (await agent.say(statusMessage(report))).customMessage?.type,
    MESSAGE_TYPE.confirm,
    'but a confirmation goes first',
  );
});

withServer(
  'agents that went are remembered up to a limit, the latest first',
  { agents: 5 },
  async ({ fleet, server }) => {
    const transport = new RawHttp(server.port);
    const agents = Array.from({ length: 20 }, () => ourAgent(transport));
    for (const agent of agents) {
      await agent.sayFull();
      await agent.say({ agentDisconnect: {} });
    }
    assert.equal(server.metrics.agentsRemembered, 5);
    const [first, last] = [agents.at(0), agents.at(-1)];
    assert.ok(first && last);
    assert.equal((await last.say()).flags, 0n);
    assert.equal(fleet.isConnected(last.uid), true);
    assert.equal((await first.say()).flags, 1n, 'one that was forgotten is asked for its full state');
  },
);

const unusable: readonly [why: string, options: Partial<OpampServerOptions>, says: RegExp][] = [
  ['a certificate that is none', { tls: { cert: 'x', key: 'y' } }, /PEM/i],
  ['an address of another machine', { host: '192.0.2.1' }, /EADDRNOTAVAIL/],
];

for (const [why, options, says] of unusable) {
  test(`it does not start with ${why}`, async () => {
    const clock = new SkippingClock();
    const needed = {
      host: '127.0.0.1',
      port: 0,
      fleet: new TestFleet(clock),
      clock,
      entropy,
      logger: recordingLogger([]),
    };
    await assert.rejects(startOpampServer({ ...needed, ...options }), says);
    assert.deepEqual(clock.pending, [], 'and leaves nothing behind');
  });
}

withServer('it does not start on a port that is taken', {}, async ({ fleet, clock, server }) => {
  const options = { host: '127.0.0.1', port: server.port, fleet, clock, entropy, logger: recordingLogger([]) };
  await assert.rejects(startOpampServer(options), /EADDRINUSE/);
});
