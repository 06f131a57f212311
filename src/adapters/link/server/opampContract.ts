import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import type { SlotReport, TargetReport } from '../../../engine/ports/fleet.ts';
import {
  AgentCapability,
  RemoteConfigState,
  ServerCapability,
  ServerErrorType,
  type ServerToAgent,
  ServerToAgentFlag,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { formatUid, uidBytes } from '../../../wire/opamp/instanceUid.ts';
import {
  AGENT_CAPABILITY,
  decodeAssignmentSet,
  decodeConfirmation,
  encodeReport,
  MESSAGE_TYPE,
} from '../agentMessages.ts';
import { eventually } from '../testing/eventually.ts';
import {
  aUid,
  foreignAgent,
  OURS,
  openWebSocket,
  ourAgent,
  type RawAgent,
  RawHttp,
  type RawTransport,
} from '../testing/rawAgent.ts';
import { SkippingClock } from '../testing/skippingClock.ts';
import { digestOf, TestFleet } from '../testing/testFleet.ts';
import { entropy, recordingLogger } from '../testing/withServer.ts';
import type { OpampLimits } from './opampLimits.ts';
import { type OpampServer, startOpampServer } from './opampServer.ts';

export interface World {
  readonly clock: SkippingClock;
  readonly fleet: TestFleet;
  readonly server: OpampServer;
  connect(): Promise<RawTransport>;
  /** The other transport of the two. */
  connectOtherwise(): Promise<RawTransport>;
}

/** What the server promises to every OpAMP agent, whichever way it comes. Run once for each transport. */
export function opampContract(kind: 'websocket' | 'http'): void {
  const open = (server: OpampServer, which: 'websocket' | 'http') =>
    which === 'websocket' ? openWebSocket(server.port) : Promise.resolve(new RawHttp(server.port));

  const rule = (says: string, check: (world: World) => Promise<void>, limits: Partial<OpampLimits> = {}) =>
    test(says, { timeout: 30_000 }, async () => {
      const clock = new SkippingClock();
      const fleet = new TestFleet(clock);
      const server = await startOpampServer({
        host: '127.0.0.1',
        port: 0,
        fleet,
        clock,
        entropy,
        limits,
        logger: recordingLogger([]),
      });
      const opened: RawTransport[] = [];
      const connect = async (which: 'websocket' | 'http') => {
        const transport = await open(server, which);
        opened.push(transport);
        return transport;
      };
      const otherwise = kind === 'http' ? 'websocket' : 'http';
      try {
        await check({ clock, fleet, server, connect: () => connect(kind), connectOtherwise: () => connect(otherwise) });
      } finally {
        for (const transport of opened) await transport.close();
        await server.close();
      }
    });

  /** What the agent is told next: pushed to it, or found when it polls. */
  const told = (agent: RawAgent): Promise<ServerToAgent> =>
    agent.transport.kind === 'websocket' ? agent.transport.pushed() : agent.say();

  const asksFullState = (answer: ServerToAgent) => (answer.flags & BigInt(ServerToAgentFlag.REPORT_FULL_STATE)) !== 0n;
  const errorOf = (answer: ServerToAgent) => {
    assert.ok(answer.errorResponse, 'expected an error');
    const alone = create(ServerToAgentSchema, { instanceUid: answer.instanceUid, errorResponse: answer.errorResponse });
    assert.deepEqual(answer, alone, 'beside an error nothing else is set');
    return answer.errorResponse;
  };
  const assignmentIn = (answer: ServerToAgent) => {
    if (answer.customMessage?.type !== MESSAGE_TYPE.assignment) return null;
    const decoded = decodeAssignmentSet(answer.customMessage.data);
    assert.ok(decoded.ok);
    return decoded.value;
  };
  const configIn = ({ remoteConfig }: ServerToAgent) =>
    remoteConfig &&
    Object.fromEntries(
      Object.entries(remoteConfig.config?.configMap ?? {}).map(([name, { body }]) => [
        name,
        Buffer.from(body).toString(),
      ]),
    );

  const settled = (generation: number, text: string): TargetReport =>
    reportOf({ generation, phase: 'settled', current: digestOf(text) });
  const reportOf = (slot: Partial<SlotReport>): TargetReport => ({
    slots: [
      {
        slot: 'config/shop',
        generation: 0,
        phase: 'settled',
        current: null,
        baseline: null,
        failed: null,
        failureCode: '',
        failure: '',
        verifiedBy: 'file',
        ...slot,
      },
    ],
    checks: [],
  });
  const status = (report: TargetReport) => ({
    customMessage: { capability: AGENT_CAPABILITY, type: MESSAGE_TYPE.status, data: encodeReport(report) },
  });

  describe(`OpAMP over ${kind}`, () => {
    describe('answers', () => {
      rule('every message is answered, repeated ones too, with the instance uid it came with', async ({ connect }) => {
        const agent = ourAgent(await connect());
        for (const message of [agent.message(), agent.message(), agent.message()]) {
          for (let repeat = 0; repeat < 2; repeat++) {
            assert.equal(formatUid((await agent.transport.exchange(message)).instanceUid), agent.uid);
          }
        }
      });

      rule('the first answer says what the server can do', async ({ connect }) => {
        const { capabilities } = await ourAgent(await connect()).sayFull();
        const expected =
          ServerCapability.ACCEPTS_STATUS |
          ServerCapability.OFFERS_REMOTE_CONFIG |
          ServerCapability.ACCEPTS_EFFECTIVE_CONFIG;
        assert.equal(capabilities, BigInt(expected));
      });

      rule('a message without a proper instance uid is a bad request', async ({ connect }) => {
        const agent = ourAgent(await connect());
        for (const instanceUid of [new Uint8Array(), new Uint8Array(16), new Uint8Array(26).fill(48)]) {
          const answer = await agent.say({ instanceUid });
          assert.deepEqual(
            [Uint8Array.from(answer.instanceUid), errorOf(answer).type],
            [instanceUid, ServerErrorType.BAD_REQUEST],
          );
        }
      });

      rule('capability bits nobody knows are ignored', async ({ connect, fleet }) => {
        const agent = ourAgent(await connect());
        agent.capabilities |= 1n << 63n;
        assert.equal((await agent.sayFull()).errorResponse, undefined);
        assert.equal(fleet.isConnected(agent.uid), true);
      });

      rule(
        'an answer that is too large is left out and counted; the agent is still acknowledged',
        async ({ connect, fleet, server }) => {
          fleet.assign({ service: 'collector', role: 'gateway', slot: 'config/main', candidate: 'x'.repeat(5_000) });
          const agent = foreignAgent(await connect());
          const answer = await agent.sayFull();
          assert.deepEqual([formatUid(answer.instanceUid), answer.remoteConfig], [agent.uid, undefined]);
          assert.equal(server.metrics.oversizeNotSent, 1);
        },
        { sendBytes: 4_096 },
      );
    });

    describe('full state', () => {
      rule(
        'is asked of an agent nobody knows, even when it describes itself, and then not again',
        async ({ connect }) => {
          const agent = ourAgent(await connect());
          assert.equal(asksFullState(await agent.sayFull()), true);
          assert.equal(asksFullState(await agent.sayFull()), false);
          assert.equal(asksFullState(await agent.say()), false);
        },
      );

      rule(
        'is asked when a message was lost; the one that came is worked on nevertheless',
        async ({ connect, fleet }) => {
          const agent = ourAgent(await connect());
          await agent.sayFull(OURS);
          await agent.say();
          agent.sequence += 1n;
          assert.equal(asksFullState(await agent.say(status(settled(1, 'a')))), true);
          assert.equal(fleet.lastReport(agent.uid)?.slots[0]?.current, digestOf('a'));
        },
      );

      rule('is not asked in a loop of an agent that does not count', async ({ connect, server }) => {
        const agent = ourAgent(await connect());
        for (let message = 0; message < 10; message++) {
          agent.sequence = 0n;
          await agent.sayFull();
        }
        assert.equal(server.metrics.fullStateAsked, 1);
      });

      rule('is not asked in a loop of an agent that never says who it is', async ({ clock, connect, server }) => {
        const agent = ourAgent(await connect());
        for (let message = 0; message < 10; message++) await agent.say();
        assert.ok(server.metrics.fullStateAsked <= 2, `asked ${server.metrics.fullStateAsked} times`);
        clock.skip(30_000);
        assert.equal(asksFullState(await agent.say()), true, 'but again after a while');
      });
    });

    describe('state belongs to the instance uid', () => {
      rule('what is omitted is unchanged', async ({ connect, fleet }) => {
        fleet.assign({ service: 'collector', role: 'gateway', slot: 'config/main', candidate: 'new' });
        const agent = foreignAgent(await connect());
        const hash = (await agent.sayFull()).remoteConfig?.configHash;
        assert.ok(hash);
        await agent.say({ remoteConfigStatus: { lastRemoteConfigHash: hash, status: RemoteConfigState.APPLIED } });
        await agent.say();
        assert.equal(fleet.lastReport(agent.uid)?.slots[0]?.phase, 'settled');
        assert.equal(fleet.introduced.length, 1, 'and who it is need not be said again');
      });

      for (const way of ['the same transport', 'the other transport'] as const) {
        rule(
          `an agent that comes back over ${way} goes on where it was, though it says nothing of itself`,
          async (world) => {
            const { fleet } = world;
            fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
            const agent = ourAgent(await world.connect());
            await agent.sayFull(OURS);
            await agent.say({ agentDisconnect: {} });
            await agent.transport.close();
            await eventually('it is lost', () => !fleet.isConnected(agent.uid));
            agent.transport = await (way === 'the same transport' ? world.connect() : world.connectOtherwise());
            const answer = await agent.say();
            assert.equal(asksFullState(answer), false, 'it counted on');
            assert.ok(assignmentIn(answer), 'it is told again');
            assert.equal(fleet.isConnected(agent.uid), true);
          },
        );
      }

      rule('an agent that asks for an instance uid gets one, the same one if it asks again', async ({ connect }) => {
        const agent = ourAgent(await connect());
        const answers = [await agent.say({ flags: 1n }), await agent.say({ flags: 1n })];
        const given = answers.map((answer) => answer.agentIdentification?.newInstanceUid);
        assert.equal(given[0]?.length, 16);
        assert.equal((given[0]?.[6] ?? 0) >> 4, 7, 'a UUID version 7');
        assert.deepEqual(given[0], given[1]);
        assert.equal(formatUid(answers[0]?.instanceUid ?? new Uint8Array()), agent.uid, 'said to the one it had');
      });

      rule(
        'the connection of an agent that is alive is not taken over: the other one is given a uid of its own',
        async (world) => {
          const uid = aUid();
          const first = ourAgent(await openWebSocket(world.server.port), 'web', {}, uid);
          await first.sayFull(OURS);
          const second = ourAgent(await world.connect(), 'web', {}, uid);
          const answer = await second.sayFull(OURS);
          const given = answer.agentIdentification?.newInstanceUid;
          assert.ok(given && formatUid(given) !== uid);
          assert.equal(world.fleet.introduced.length, 1);
          assert.equal((await first.say()).agentIdentification, undefined, 'the first keeps it');
          await first.transport.close();
        },
      );
    });

    describe('who may come', () => {
      rule('a target is what its description says', async ({ connect, fleet }) => {
        const agent = ourAgent(await connect(), 'api', { ring: 'canary' });
        await agent.sayFull();
        const { uid } = agent;
        assert.deepEqual(fleet.introduced, [
          { uid, name: `shop-${uid}`, service: 'shop', role: 'api', labels: { ring: 'canary' } },
        ]);
      });

      rule(
        'an agent of a service nobody knows is told so, and is accepted once there is one',
        async ({ connect, fleet }) => {
          const agent = ourAgent(await connect(), 'blob');
          const { type, errorMessage } = errorOf(await agent.sayFull(OURS));
          assert.equal(type, ServerErrorType.UNKNOWN);
          assert.match(errorMessage, /^unknown-role: .*"blob"/);
          fleet.addService('shop', ['web', 'api', 'blob'], 'config/shop');
          const answer = await agent.say();
          assert.equal(answer.errorResponse, undefined);
          assert.equal(asksFullState(answer), true, 'what it said before went nowhere');
          assert.equal(fleet.isConnected(agent.uid), true);
        },
      );

      rule('an agent that does not say what it is part of is told what is missing', async ({ connect }) => {
        const agent = ourAgent(await connect());
        const { errorMessage } = errorOf(await agent.say({ agentDescription: {} }));
        assert.match(errorMessage, /service\.name/);
      });

      rule('when nothing can be recorded, an agent is told to come back, and may', async ({ connect, fleet }) => {
        const agent = ourAgent(await connect());
        fleet.enrolling = Promise.reject(new Error('disk full'));
        fleet.enrolling.catch(() => {});
        const { type, details } = errorOf(await agent.sayFull());
        assert.deepEqual([type, details.value?.retryAfterNanoseconds], [ServerErrorType.UNAVAILABLE, 30_000_000_000n]);
        fleet.enrolling = Promise.resolve();
        assert.equal((await agent.say()).errorResponse, undefined);
        assert.equal(fleet.isConnected(agent.uid), true);
      });
    });

    describe('liveness', () => {
      rule('an agent that says goodbye is lost at once, and answered', async ({ connect, fleet }) => {
        const agent = ourAgent(await connect());
        await agent.sayFull();
        assert.equal(formatUid((await agent.say({ agentDisconnect: {} })).instanceUid), agent.uid);
        assert.equal(fleet.isConnected(agent.uid), false);
      });

      rule(
        'an agent that promised to speak and does not is lost, and found again when it speaks',
        async ({ clock, connect, fleet }) => {
          const agent = ourAgent(await connect());
          agent.capabilities |= BigInt(AgentCapability.REPORTS_HEARTBEAT);
          await agent.sayFull();
          clock.skip(60_000);
          await agent.say();
          clock.skip(60_000);
          assert.equal(fleet.isConnected(agent.uid), true, 'any message is a heartbeat');
          clock.skip(60_000);
          assert.equal(fleet.isConnected(agent.uid), false);
          await agent.say();
          assert.equal(fleet.isConnected(agent.uid), true);
        },
        { pingMs: 1_000_000 },
      );
    });

    describe('our own agents', () => {
      rule('are told that we speak the same, and what they are to hold', async ({ connect, fleet }) => {
        const assignment = fleet.assign({
          service: 'shop',
          role: 'web',
          slot: 'config/shop',
          lastKnownGood: 'old',
          candidate: 'new',
        });
        const answer = await ourAgent(await connect()).sayFull(OURS);
        assert.deepEqual(answer.customCapabilities?.capabilities, [AGENT_CAPABILITY]);
        assert.deepEqual(assignmentIn(answer), {
          service: 'shop',
          role: 'web',
          assignments: [assignment],
          watches: { requests: 'requests_total' },
          confirmWithinMs: 5_000,
        });
      });

      rule('hear of every later document of their role, and of no other', async ({ connect, fleet }) => {
        const agent = ourAgent(await connect());
        assert.deepEqual(assignmentIn(await agent.sayFull(OURS))?.assignments, []);
        fleet.assign({ service: 'shop', role: 'api', slot: 'config/shop', candidate: 'not for it' });
        const assignment = fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
        assert.deepEqual(assignmentIn(await told(agent))?.assignments, [assignment]);
      });

      rule(
        'are confirmed when they report a verified apply, as often as they report it',
        async ({ connect, fleet }) => {
          const { generation } = fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
          const agent = ourAgent(await connect());
          await agent.sayFull(OURS);
          const current = digestOf('new');
          for (let repeat = 0; repeat < 2; repeat++) {
            const { customMessage } = await agent.say(status(reportOf({ generation, phase: 'provisional', current })));
            assert.equal(customMessage?.type, MESSAGE_TYPE.confirm);
            const confirmation = decodeConfirmation(customMessage.data);
            assert.deepEqual(confirmation, { ok: true, value: { slot: 'config/shop', generation, artifact: current } });
          }
          const { customMessage } = await agent.say(status(reportOf({ generation, phase: 'settled', current })));
          assert.equal(customMessage, undefined);
        },
      );

      rule('are not offered remote configuration', async ({ connect, fleet }) => {
        fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
        assert.equal((await ourAgent(await connect()).sayFull(OURS)).remoteConfig, undefined);
      });

      rule('whose words are malformed are told where, and lose nothing', async ({ connect, fleet }) => {
        const agent = ourAgent(await connect());
        await agent.sayFull({ ...OURS, ...status(settled(1, 'a')) });
        const bad = {
          capability: AGENT_CAPABILITY,
          type: MESSAGE_TYPE.status,
          data: Uint8Array.from([0x0a, 0x02, 0x18, 0x63]),
        };
        const { type, errorMessage } = errorOf(await agent.say({ customMessage: bad }));
        assert.deepEqual(
          [type, errorMessage],
          [ServerErrorType.BAD_REQUEST, 'slots[0].phase: custom_message status: 99; expected 1 to 7'],
        );
        assert.equal(fleet.lastReport(agent.uid)?.slots[0]?.current, digestOf('a'));
        assert.equal((await agent.say()).errorResponse, undefined);
      });

      rule('may use custom messages of other capabilities and types; they are ignored', async ({ connect }) => {
        const agent = ourAgent(await connect());
        await agent.sayFull(OURS);
        for (const customMessage of [
          { capability: 'com.example.other', type: 'status', data: Uint8Array.from([255]) },
          { capability: AGENT_CAPABILITY, type: 'of-a-later-version', data: Uint8Array.from([255]) },
        ]) {
          assert.equal((await agent.say({ customMessage })).errorResponse, undefined);
        }
      });
    });

    describe('foreign agents', () => {
      const assign = (fleet: TestFleet, lastKnownGood: string | null, candidate: string | null) =>
        fleet.assign({ service: 'collector', role: 'gateway', slot: 'config/main', lastKnownGood, candidate });

      rule('are offered their configuration as a single file without a name', async ({ connect, fleet }) => {
        assign(fleet, 'old', null);
        assert.deepEqual(configIn(await foreignAgent(await connect()).sayFull()), { '': 'old' });
      });

      rule('that do not accept configuration are not offered any', async ({ connect, fleet }) => {
        assign(fleet, 'old', null);
        const agent = foreignAgent(await connect());
        agent.capabilities = BigInt(AgentCapability.REPORTS_STATUS);
        assert.equal((await agent.sayFull()).remoteConfig, undefined);
      });

      rule('report by the standard status; what they applied is settled at once', async ({ connect, fleet }) => {
        const { generation } = assign(fleet, null, 'new');
        const agent = foreignAgent(await connect());
        const hash = (await agent.sayFull()).remoteConfig?.configHash ?? new Uint8Array();
        const phases = [RemoteConfigState.APPLYING, RemoteConfigState.APPLIED].map(async (state) => state);
        for (const state of await Promise.all(phases)) {
          const answer = await agent.say({ remoteConfigStatus: { lastRemoteConfigHash: hash, status: state } });
          assert.equal(answer.remoteConfig, undefined, 'it has it');
        }
        const slot = fleet.lastReport(agent.uid)?.slots[0];
        assert.deepEqual([slot?.phase, slot?.current, slot?.generation], ['settled', digestOf('new'), generation]);
        assert.ok(fleet.reports.some(({ report }) => report.slots[0]?.phase === 'applying'));
      });

      rule(
        'are not offered again what they could not apply; they go back, and are told of what comes next',
        async ({ clock, connect, fleet }) => {
          assign(fleet, null, 'bad');
          const agent = foreignAgent(await connect());
          const hash = (await agent.sayFull()).remoteConfig?.configHash ?? new Uint8Array();
          const failed = { lastRemoteConfigHash: hash, status: RemoteConfigState.FAILED, errorMessage: 'line 1' };
          await agent.say({ remoteConfigStatus: failed });
          const slot = fleet.lastReport(agent.uid)?.slots[0];
          assert.deepEqual([slot?.phase, slot?.failureCode, slot?.failure], ['failed', 'apply-failed', 'line 1']);
          clock.skip(60_000);
          assert.equal((await agent.say()).remoteConfig, undefined);
          assign(fleet, null, null);
          assert.deepEqual(configIn(await told(agent)), {}, 'the way back is a configuration without files');
          assign(fleet, null, 'better');
          assert.deepEqual(configIn(await told(agent)), { '': 'better' });
        },
      );

      rule(
        'that say nothing of an offer are offered it again after a while, not with every answer',
        async ({ clock, connect, fleet }) => {
          assign(fleet, null, 'new');
          const agent = foreignAgent(await connect());
          assert.ok((await agent.sayFull()).remoteConfig);
          for (let message = 0; message < 5; message++) assert.equal((await agent.say()).remoteConfig, undefined);
          clock.skip(30_000);
          assert.ok((await agent.say()).remoteConfig);
        },
      );

      rule(
        'have their health told as a check; one that says nothing in it is unhealthy',
        async ({ connect, fleet }) => {
          assign(fleet, null, null);
          const agent = foreignAgent(await connect());
          agent.capabilities |= BigInt(AgentCapability.REPORTS_HEALTH);
          await agent.sayFull({ health: { healthy: true } });
          assert.deepEqual(fleet.lastReport(agent.uid)?.checks, [{ name: 'health', healthy: true, detail: '' }]);
          await agent.say({ health: {} });
          assert.deepEqual(fleet.lastReport(agent.uid)?.checks, [{ name: 'health', healthy: false, detail: '' }]);
          await agent.say({ health: { healthy: false, lastError: 'no memory' } });
          assert.equal(fleet.lastReport(agent.uid)?.checks[0]?.detail, 'no memory');
        },
      );

      rule('of which nothing is known after the bytes are gone are offered nothing', async ({ connect, fleet }) => {
        assign(fleet, null, 'new');
        fleet.artifacts.clear();
        const answer = await foreignAgent(await connect()).sayFull();
        assert.deepEqual([answer.errorResponse, answer.remoteConfig], [undefined, undefined]);
      });
    });

    rule('a uid that was given away by the server is used from then on', async ({ connect, fleet }) => {
      const agent = ourAgent(await connect());
      const given = (await agent.say({ flags: 1n })).agentIdentification?.newInstanceUid ?? uidBytes(agent.uid);
      const renamed = ourAgent(agent.transport, 'web', {}, formatUid(given));
      await renamed.sayFull();
      assert.deepEqual(
        fleet.introduced.map(({ uid }) => uid),
        [formatUid(given)],
      );
    });
  });
}
