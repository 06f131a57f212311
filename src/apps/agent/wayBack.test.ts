import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import type { AgentReload } from '../../wire/manifest/agent.ts';
import { slotLimits } from './slotLimits.ts';
import { type AgentBench, agentBench, DIGESTS, FILES, type FileName } from './testing/agentBench.ts';
import { SLOT } from './testing/benchFleet.ts';

/** Rolled out, confirmed, and the fleet's last known good from then on. */
async function earned(bench: AgentBench, names: readonly FileName[]): Promise<void> {
  for (const name of names) {
    const lastKnownGood = bench.fleet.slot?.current === DIGESTS.old ? null : (bench.fleet.slot?.current ?? null);
    bench.fleet.order({ lastKnownGood, candidate: DIGESTS[name], rollout: `shop-${name}` });
    await bench.reported(name, ({ phase, current }) => phase === 'settled' && current === DIGESTS[name]);
    const generation = bench.fleet.order({ lastKnownGood: DIGESTS[name] });
    await bench.reported('heard', (slot) => slot.generation === generation);
  }
}

const kept = (bench: AgentBench) => readdirSync(join(bench.spec.directory, 'kept'));
const keeps = (bench: AgentBench, names: readonly FileName[]) =>
  names.every((name) => kept(bench).includes(DIGESTS[name].slice(7)));

describe('law 7: going back escalates, and says so', { concurrency: 3 }, () => {
  const byManager = (bench: AgentBench): AgentReload => ({ kind: 'signal', signal: 'SIGTERM', pidFile: bench.pidFile });

  it('a service that never reads its file again is restarted', async (test) => {
    const bench = await agentBench(test);
    const { slot } = bench;
    const verify = slot.verify && { ...slot.verify, withinMs: 3_000 };
    bench.spec = { ...bench.spec, checks: [], slots: { [SLOT]: { ...slot, verify, restart: byManager(bench) } } };
    await bench.startAgent();
    bench.fleet.order({ candidate: DIGESTS.deaf });
    await bench.reported('forward', ({ phase, current }) => phase === 'settled' && current === DIGESTS.deaf);
    // As a service manager does.
    let managed = true;
    const manage = async (): Promise<void> => {
      await bench.service.ended;
      if (managed) await bench.startService().then(manage);
    };
    void manage();
    bench.fleet.order({});
    const back = await bench.reported('back', ({ phase, current }) => phase === 'settled' && current === DIGESTS.old);
    managed = false;
    assert.deepEqual([back.verifiedBy, bench.inFile(), await bench.running()], ['http after a restart', 'old', 'old']);
  });

  it('one that shows the old bytes and is still unwell is restarted too', async (test) => {
    const bench = await agentBench(test);
    const { slot } = bench;
    const wedged = join(bench.folder, 'wedged');
    const restart = { kind: 'command', command: ['rm', '-f', wedged], timeoutMs: 5_000 } as const;
    const probe = { kind: 'exec', command: ['sh', '-c', `! test -e ${wedged}`] } as const;
    const check = { name: 'wedged', probe, everyMs: 50, timeoutMs: 5_000, failures: 2 };
    bench.spec = { ...bench.spec, checks: [check], slots: { [SLOT]: { ...slot, restart } } };
    await bench.startAgent();
    await bench.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    bench.fleet.confirms = false;
    bench.fleet.order({ candidate: DIGESTS.good });
    await bench.reported('provisional', ({ phase }) => phase === 'provisional');
    writeFileSync(wedged, '');
    const back = await bench.reported('back', ({ phase }) => phase === 'failed');
    assert.deepEqual([back.failureCode, back.verifiedBy], ['check-failed', 'http after a restart']);
    assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old']);
  });
});

describe('law 8: what finished a whole rollout stays on the target', { concurrency: 3 }, () => {
  it('the newest three, over restarts, beside what is being tried, and nothing else', async (test) => {
    const bench = await agentBench(test);
    const first = await bench.startAgent();
    await bench.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    await earned(bench, ['good', 'better', 'best']);
    await first.stop();
    await bench.startAgent();
    bench.fleet.order({ lastKnownGood: DIGESTS.best, candidate: DIGESTS.finest, rollout: 'shop-9' });
    await bench.reported('tried', ({ phase, current }) => phase === 'settled' && current === DIGESTS.finest);
    assert.ok(keeps(bench, ['old', 'good', 'better', 'best', 'finest']), kept(bench).join());
    await earned(bench, ['finest']);
    await eventually('the oldest is given up', () => kept(bench).length === 4);
    assert.ok(keeps(bench, ['old', 'better', 'best', 'finest']), kept(bench).join());
  });

  it('law 5: on a full disk nothing new is taken, nothing is given up for it, and the way back goes on', async (test) => {
    if (process.getuid?.() !== 0) return test.skip('mounting a tiny file system takes root');
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-tiny-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]);
    test.after(() => {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    });
    const bench = await agentBench(test);
    bench.spec = { ...bench.spec, directory: join(folder, 'state') };
    const agent = await bench.startAgent();
    await bench.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    await earned(bench, ['good', 'better', 'best']);
    assert.throws(() => writeFileSync(join(folder, 'filler'), Buffer.alloc(1_000_000)), /ENOSPC/);
    bench.fleet.order({ lastKnownGood: DIGESTS.best, candidate: DIGESTS.finest, rollout: 'shop-9' });
    const slot = await bench.reported('refused', ({ phase }) => phase === 'failed');
    assert.deepEqual([slot.failureCode, slot.current], ['disk-full', DIGESTS.best]);
    assert.ok(keeps(bench, ['old', 'good', 'better', 'best']), kept(bench).join());
    const [back] = await agent.takeBack({ slot: null, to: DIGESTS.good, says: 'the oldest of them' });
    assert.deepEqual([back?.outcome, back?.holds, bench.inFile()], ['back', DIGESTS.good, 'good']);
  });

  it('law 5: a folder with no room for an older revision gets it from what was staged to go forward', async (test) => {
    if (process.getuid?.() !== 0) return test.skip('mounting a tiny file system takes root');
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-tiny-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]);
    test.after(() => {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    });
    const bench = await agentBench(test);
    const file = join(folder, 'shop.json');
    writeFileSync(file, FILES.old);
    const { slot } = bench;
    bench.spec = { ...bench.spec, checks: [], slots: { [SLOT]: { ...slot, file, verify: null, reload: null } } };
    const agent = await bench.startAgent();
    await bench.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    await earned(bench, ['good', 'better']);
    bench.fleet.confirms = false;
    bench.fleet.order({ lastKnownGood: DIGESTS.better, candidate: DIGESTS.best, rollout: 'shop-9' });
    await bench.reported('provisional', ({ phase }) => phase === 'provisional');
    assert.throws(() => writeFileSync(join(folder, 'filler'), Buffer.alloc(1_000_000)), /ENOSPC/);
    const [back] = await agent.takeBack({ slot: null, to: DIGESTS.good, says: 'further back' });
    assert.deepEqual([back?.outcome, readFileSync(file, 'utf8')], ['back', FILES.good]);
  });
});

describe('law 18: a last known good is no suspect', () => {
  it('one that this target gave up while it caught up is tried again, and held once it can be', async (test) => {
    const bench = await agentBench(test);
    const broken = join(bench.folder, 'broken');
    const probe = { kind: 'exec', command: ['sh', '-c', `! test -e ${broken}`] } as const;
    const check = { name: 'probe', probe, everyMs: 50, timeoutMs: 5_000, failures: 2 };
    bench.spec = { ...bench.spec, checks: [check] };
    const hurried: typeof slotLimits = (...slot) => ({
      ...slotLimits(...slot),
      retryGoodMs: { first: 100, most: 400 },
    });
    await bench.startAgent({ slotLimits: hurried });
    await bench.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    bench.fleet.confirms = false;
    bench.fleet.order({ lastKnownGood: DIGESTS.good });
    await bench.reported('catching up', ({ phase }) => phase === 'provisional');
    writeFileSync(broken, '');
    const given = await bench.reported('given up', ({ phase }) => phase === 'failed');
    assert.deepEqual([given.failureCode, given.current], ['check-failed', DIGESTS.old]);
    assert.match(given.failure, /it is tried again/);
    rmSync(broken);
    bench.fleet.confirms = true;
    await bench.reported('held', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
    assert.deepEqual([bench.inFile(), await bench.running()], ['good', 'good']);
  });
});
