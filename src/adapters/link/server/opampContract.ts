import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  AgentCapability,
  RemoteConfigState,
  ServerCapability,
  ServerErrorType,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { formatUid, uidBytes } from '../../../wire/opamp/instanceUid.ts';
import { asksFullState, assignmentIn, errorOf, statusMessage } from '../testing/answers.ts';
import { ruleOver } from '../testing/contractRule.ts';
import { eventually } from '../testing/eventually.ts';
import { aUid, foreignAgent, OURS, openWebSocket, ourAgent, type RawTransport } from '../testing/rawAgent.ts';
import { reportOf } from '../testing/reportOf.ts';
import { digestOf } from '../testing/testFleet.ts';
import { foreignAgentsContract } from './foreignAgentsContract.ts';
import { ourAgentsContract } from './ourAgentsContract.ts';

/** What the server promises to every OpAMP agent, whichever way it comes. Run once for each transport. */
export function opampContract(kind: RawTransport['kind']): void {
  const rule = ruleOver(kind);

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
          ServerCapability.ACCEPTS_EFFECTIVE_CONFIG |
          ServerCapability.OFFERS_PACKAGES |
          ServerCapability.ACCEPTS_PACKAGES_STATUS;
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
          assert.equal(
            asksFullState(await agent.say(statusMessage(reportOf({ generation: 1, current: digestOf('a') })))),
            true,
          );
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

    ourAgentsContract(rule);
    foreignAgentsContract(rule);
  });
}
