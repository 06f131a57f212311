import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { ServerErrorType } from '../../../wire/opamp/generated/opamp_pb.ts';
import { AGENT_CAPABILITY, decodeConfirmation, MESSAGE_TYPE } from '../agentMessages.ts';
import { assignmentIn, errorOf, statusMessage, told } from '../testing/answers.ts';
import type { Rule } from '../testing/contractRule.ts';
import { OURS, ourAgent } from '../testing/rawAgent.ts';
import { reportOf } from '../testing/reportOf.ts';
import { digestOf } from '../testing/testFleet.ts';

/** What the server promises to our own agents. */
export function ourAgentsContract(rule: Rule): void {
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
        watches: { requests: { counter: 'requests_total' } },
        confirmWithinMs: 5_000,
        permits: [],
        keys: [],
        serverTime: assignmentIn(answer)?.serverTime,
      });
    });

    rule('hear of every later document of their role, and of no other', async ({ connect, fleet }) => {
      const agent = ourAgent(await connect());
      assert.deepEqual(assignmentIn(await agent.sayFull(OURS))?.assignments, []);
      fleet.assign({ service: 'shop', role: 'api', slot: 'config/shop', candidate: 'not for it' });
      const assignment = fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
      assert.deepEqual(assignmentIn(await told(agent))?.assignments, [assignment]);
    });

    rule('are confirmed when they report a verified apply, as often as they report it', async ({ connect, fleet }) => {
      const { generation } = fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
      const agent = ourAgent(await connect());
      await agent.sayFull(OURS);
      const current = digestOf('new');
      for (let repeat = 0; repeat < 2; repeat++) {
        const { customMessage } = await agent.say(
          statusMessage(reportOf({ generation, phase: 'provisional', current })),
        );
        assert.equal(customMessage?.type, MESSAGE_TYPE.confirm);
        const confirmation = decodeConfirmation(customMessage.data);
        assert.deepEqual(confirmation, { ok: true, value: { slot: 'config/shop', generation, artifact: current } });
      }
      const { customMessage } = await agent.say(statusMessage(reportOf({ generation, phase: 'settled', current })));
      assert.equal(customMessage, undefined);
    });

    rule('are not offered remote configuration', async ({ connect, fleet }) => {
      fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
      assert.equal((await ourAgent(await connect()).sayFull(OURS)).remoteConfig, undefined);
    });

    rule('whose words are malformed are told where, and lose nothing', async ({ connect, fleet }) => {
      const agent = ourAgent(await connect());
      await agent.sayFull({ ...OURS, ...statusMessage(reportOf({ generation: 1, current: digestOf('a') })) });
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
}
