import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import { revertAgents } from './revertAgents.ts';
import { type AgentBench, agentBench, DIGESTS, type FileName } from './testing/agentBench.ts';
import { SLOT } from './testing/benchFleet.ts';
import { listWaysBack } from './waysBack.ts';

/** The bench's own spec, as the file that a person would name. */
function writeConfig(bench: AgentBench): string {
  const { file, pidFile, service, spec } = bench;
  const manifest = {
    apiVersion: 'ringfence.dev/v1',
    kind: 'Agent',
    metadata: { name: spec.name },
    spec: {
      server: spec.server,
      tokenFile: spec.tokenFile,
      directory: spec.directory,
      service: 'shop',
      role: 'web',
      labels: spec.labels,
      slots: {
        [SLOT]: {
          file,
          reload: { signal: 'SIGHUP', pidFile },
          verify: { http: { url: `${service.url}/config`, sha256Field: 'held.digest' }, within: '2s' },
        },
      },
    },
  };
  const path = join(bench.folder, 'agent.yaml');
  writeFileSync(path, stringify(manifest));
  return path;
}

async function brought(bench: AgentBench, name: FileName, rollout = 'shop-1'): Promise<void> {
  bench.fleet.order({ candidate: DIGESTS[name], rollout });
  await bench.reported(`${name} is confirmed`, (slot) => slot.phase === 'settled' && slot.current === DIGESTS[name]);
}

const ORDER = { slot: null, to: null, says: 'it is sick' };

describe('agent revert', { concurrency: 3 }, () => {
  it('law 5: takes a running agent back through its own directory, the server gone, and shows it by effect', async (test) => {
    const bench = await agentBench(test);
    const config = writeConfig(bench);
    await bench.startAgent();
    await brought(bench, 'good');
    await bench.server.close();
    const [done] = await revertAgents([config], ORDER);
    assert.deepEqual(done, {
      agent: 'shop-1',
      by: 'the running agent',
      slots: [{ slot: SLOT, outcome: 'back', holds: DIGESTS.old, verifiedBy: 'http', says: '' }],
    });
    assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old']);
  });

  it('and stays there when the server is back and orders the same, until another change comes', async (test) => {
    const bench = await agentBench(test);
    const config = writeConfig(bench);
    await bench.startAgent();
    await brought(bench, 'good');
    await revertAgents([config], ORDER);
    const slot = await bench.reported('said', ({ failureCode }) => failureCode === 'taken-back');
    assert.deepEqual([slot.phase, slot.current, slot.failure], ['failed', DIGESTS.old, 'it is sick']);
    for (const order of [{ candidate: DIGESTS.good, rollout: 'shop-2' }, { lastKnownGood: DIGESTS.good }]) {
      const generation = bench.fleet.order(order);
      await bench.reported('heard', (each) => each.generation === generation && each.phase === 'failed');
      assert.equal(bench.inFile(), 'old');
    }
    assert.deepEqual((await revertAgents([config], ORDER))[0]?.slots[0]?.outcome, 'back');
    assert.equal(bench.inFile(), 'old', 'a second revert changes nothing');
    await brought(bench, 'better', 'shop-3');
    await brought(bench, 'good', 'shop-4');
  });

  it('laws 5, 21: with no agent and no server the command does it itself, and an agent started later stays there', async (test) => {
    const bench = await agentBench(test);
    const config = writeConfig(bench);
    const agent = await bench.startAgent();
    await brought(bench, 'good');
    const earned = bench.fleet.order({ lastKnownGood: DIGESTS.good });
    await bench.reported('heard', ({ generation }) => generation === earned);
    await brought(bench, 'better', 'shop-2');
    await bench.server.close();
    await agent.stop();
    rmSync(bench.spec.tokenFile);
    const [done] = await revertAgents([config], ORDER);
    assert.deepEqual(
      [done?.by, done?.slots[0]?.outcome, done?.slots[0]?.holds],
      ['this command', 'back', DIGESTS.good],
    );
    assert.deepEqual(
      [bench.inFile(), await bench.running()],
      ['good', 'good'],
      'the last known good, not the baseline',
    );
    writeFileSync(bench.spec.tokenFile, 'a-token\n');
    await bench.startServer();
    await bench.startAgent();
    await bench.reported('says so', ({ failureCode, phase }) => phase === 'failed' && failureCode === 'taken-back');
    assert.equal(bench.inFile(), 'good');
  });

  it('law 8: to any revision that was proven there, whether the agent runs or not; and lists them', async (test) => {
    const bench = await agentBench(test);
    const config = writeConfig(bench);
    const agent = await bench.startAgent();
    for (const name of ['good', 'better', 'best'] as const) {
      await brought(bench, name, `shop-${name}`);
      const generation = bench.fleet.order({ lastKnownGood: DIGESTS[name] });
      await bench.reported('heard', (slot) => slot.generation === generation);
    }
    const ways = await listWaysBack([config], null);
    assert.deepEqual(
      ways.map(({ content, is, inForce, kept }) => [content, is, inForce, kept]),
      [
        [DIGESTS.old, 'baseline', false, true],
        [DIGESTS.good, 'earned', false, true],
        [DIGESTS.better, 'earned', false, true],
        [DIGESTS.best, 'earned', true, true],
      ],
    );
    const [running] = await revertAgents([config], { ...ORDER, to: DIGESTS.good.slice(7, 15) });
    assert.deepEqual([running?.by, running?.slots[0]?.holds], ['the running agent', DIGESTS.good]);
    assert.deepEqual([bench.inFile(), await bench.running()], ['good', 'good']);
    await bench.server.close();
    await agent.stop();
    const [alone] = await revertAgents([config], { ...ORDER, to: 'baseline' });
    assert.deepEqual([alone?.by, alone?.slots[0]?.outcome, bench.inFile()], ['this command', 'back', 'old']);
    const [there] = await revertAgents([config], { ...ORDER, to: DIGESTS.better });
    assert.deepEqual([there?.slots[0]?.holds, await bench.running()], [DIGESTS.better, 'better']);
    await bench.startServer();
    await bench.startAgent();
    await bench.reported('stays there', ({ phase, current }) => phase === 'failed' && current === DIGESTS.better);
    for (const [to, says] of [
      [DIGESTS.finest, /nothing that can be gone back to here is sha256:[0-9a-f]+; there is: baseline, /],
      ['12', /at least six digits/],
    ] as const)
      await assert.rejects(revertAgents([config], { ...ORDER, to }), says);
  });

  it('a target that nothing was ever rolled out to keeps what it has', async (test) => {
    const bench = await agentBench(test);
    const [done] = await revertAgents([writeConfig(bench)], ORDER);
    assert.equal(done?.slots[0]?.outcome, 'nothing-older');
    assert.equal(bench.inFile(), 'old');
  });

  it('a service that does not take it up is said to be stuck, and the agent goes on trying', async (test) => {
    const bench = await agentBench(test);
    const config = writeConfig(bench);
    await bench.startAgent();
    await brought(bench, 'deaf');
    const [done] = await revertAgents([config], ORDER);
    assert.equal(done?.slots[0]?.outcome, 'stuck');
    await bench.service.kill();
    await bench.startService();
    await eventually('back once the service is', async () => (await bench.running()) === 'old');
  });

  it('a slot that nobody has is a mistake, and says which there are', async (test) => {
    const config = writeConfig(await agentBench(test));
    await assert.rejects(
      revertAgents([config], { ...ORDER, slot: 'config/shpo' }),
      /no slot|has a slot config\/shpo; there are: config\/shop/,
    );
    assert.match(readFileSync(config, 'utf8'), /kind: Agent/);
  });
});
