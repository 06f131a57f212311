import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { AgentCapability, RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { configIn, told } from '../testing/answers.ts';
import type { Rule } from '../testing/contractRule.ts';
import { foreignAgent } from '../testing/rawAgent.ts';
import { digestOf, type TestFleet } from '../testing/testFleet.ts';

/** What the server promises to every other agent that speaks OpAMP. */
export function foreignAgentsContract(rule: Rule): void {
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

    rule('have their health told as a check; one that says nothing in it is unhealthy', async ({ connect, fleet }) => {
      assign(fleet, null, null);
      const agent = foreignAgent(await connect());
      agent.capabilities |= BigInt(AgentCapability.REPORTS_HEALTH);
      await agent.sayFull({ health: { healthy: true, componentHealthMap: { exporter: { healthy: false } } } });
      assert.deepEqual(fleet.lastReport(agent.uid)?.checks, [{ name: 'health', healthy: true, detail: '' }]);
      assert.deepEqual(fleet.lastReport(agent.uid)?.components, [
        { path: '', healthy: true },
        { path: 'exporter', healthy: false },
      ]);
      await agent.say({ health: {} });
      assert.deepEqual(fleet.lastReport(agent.uid)?.checks, [{ name: 'health', healthy: false, detail: '' }]);
      await agent.say({ health: { healthy: false, lastError: 'no memory' } });
      assert.equal(fleet.lastReport(agent.uid)?.checks[0]?.detail, 'no memory');
    });

    rule('of which nothing is known after the bytes are gone are offered nothing', async ({ connect, fleet }) => {
      assign(fleet, null, 'new');
      fleet.artifacts.clear();
      const answer = await foreignAgent(await connect()).sayFull();
      assert.deepEqual([answer.errorResponse, answer.remoteConfig], [undefined, undefined]);
    });
  });
}
