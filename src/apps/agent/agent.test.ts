import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openAgentDisk } from '../../adapters/agentdisk/openAgentDisk.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import { type AgentDisk, AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import { type AgentBench, agentBench, DIGESTS, FILES, type FileName } from './testing/agentBench.ts';
import { SLOT } from './testing/benchFleet.ts';

/** What a slot's record says that it holds. */
function holdsIn(record: string): unknown {
  return (JSON.parse(record || '{}') as { readonly holds?: unknown }).holds;
}

/** Starts the agent and waits until the server knows what the target holds. */
async function running(bench: AgentBench): Promise<AgentBench> {
  await bench.startAgent();
  await bench.reported('what it found', (slot) => slot.phase === 'settled' && slot.verifiedBy !== '');
  return bench;
}

async function brought(bench: AgentBench, name: FileName): Promise<void> {
  bench.fleet.order({ candidate: DIGESTS[name] });
  await bench.reported(`${name} is confirmed`, (slot) => slot.phase === 'settled' && slot.current === DIGESTS[name]);
}

// Most of the time they wait, each beside a service of its own.
describe('an agent beside a real service, with a real server', { concurrency: 3 }, () => {
  it('goes forward, is confirmed, and goes back when the server says so', async (test) => {
    const bench = await running(await agentBench(test));
    await brought(bench, 'good');
    assert.deepEqual([bench.inFile(), await bench.running(), bench.fleet.slot?.verifiedBy], ['good', 'good', 'http']);
    const generation = bench.fleet.order({});
    const slot = await bench.reported(
      'it is back',
      ({ phase, current }) => phase === 'settled' && current === DIGESTS.old,
    );
    assert.deepEqual(
      [bench.inFile(), await bench.running(), slot.generation, slot.baseline],
      ['old', 'old', generation, DIGESTS.old],
    );
    assert.deepEqual(
      bench.fleet.reports.at(-1)?.checks.map(({ name, healthy }) => [name, healthy]),
      [['alive', true]],
    );
  });

  it('law 6: a rehearsal goes forward, back and forward again in one rollout', async (test) => {
    const bench = await running(await agentBench(test));
    await brought(bench, 'good');
    bench.fleet.order({ candidate: DIGESTS.good, targets: { ring: ['nobody'] } });
    await bench.reported('back', ({ phase, current }) => phase === 'settled' && current === DIGESTS.old);
    await brought(bench, 'good');
    assert.deepEqual([bench.inFile(), await bench.running(), await bench.service.reads()], ['good', 'good', 4]);
  });

  it('no file at first: goes forward, and back to none', async (test) => {
    const bench = await running(await agentBench(test, null));
    assert.deepEqual(
      [bench.fleet.slot?.current, bench.fleet.slot?.baseline, bench.fleet.slot?.verifiedBy],
      [null, null, 'file'],
    );
    await brought(bench, 'good');
    bench.fleet.order({});
    await bench.reported('it is back', ({ phase, current }) => phase === 'settled' && current === null);
    assert.deepEqual([bench.inFile(), await bench.running()], ['absent', 'absent']);
  });

  it('law 9: goes back when its confirmation does not come', async (test) => {
    const bench = await running(await agentBench(test));
    bench.fleet.confirms = false;
    bench.fleet.confirmWithinMs = 500;
    bench.fleet.order({ candidate: DIGESTS.good });
    await bench.reported('provisional', ({ phase }) => phase === 'provisional');
    assert.equal(bench.inFile(), 'good');
    const slot = await bench.reported('it is back', ({ phase }) => phase === 'failed');
    assert.deepEqual([slot.failureCode, slot.failed, slot.current], ['not-confirmed', DIGESTS.good, DIGESTS.old]);
    assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old']);
  });

  it('laws 9, 21: cut off before the confirmation, it goes back from its own disk alone', async (test) => {
    const bench = await running(await agentBench(test));
    bench.fleet.confirms = false;
    bench.fleet.confirmWithinMs = 1_000;
    bench.fleet.order({ candidate: DIGESTS.good });
    await bench.reported('provisional', ({ phase }) => phase === 'provisional');
    await bench.server.close();
    await eventually('the file is as it was', () => bench.inFile() === 'old');
    await eventually('and so is the service', async () => (await bench.running()) === 'old');
    await bench.startServer();
    const slot = await bench.reported('it says so once it can', ({ phase }) => phase === 'failed');
    assert.equal(slot.failureCode, 'not-confirmed');
  });

  it('law 21: with the server gone it keeps what it has, also over a restart of its own', async (test) => {
    const bench = await agentBench(test);
    const first = await bench.startAgent();
    await brought(bench, 'good');
    const { uid } = first.target;
    await bench.server.close();
    await first.stop();
    assert.equal(bench.inFile(), 'good', 'what is confirmed stays');
    const second = await bench.startAgent();
    assert.equal(second.target.uid, uid);
    await bench.startServer();
    await bench.reported('the same as before', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
    assert.deepEqual(
      bench.fleet.enrolled.map((target) => target.uid),
      [uid],
    );
  });

  // biome-ignore format: a table
  const HARMFUL: readonly (readonly [name: FileName, codes: readonly string[], says: RegExp, why: string])[] = [
    ['sick', ['check-failed'], /check alive: GET .*\/health: 500, expected 200, 2 times in a row/, 'a local check fails after the apply'],
    ['hangs', ['verify-failed', 'revert-failed'], /no answer within/, 'the service hangs'],
    ['dies', ['verify-failed', 'revert-failed'], /ECONNREFUSED|socket hang up|ECONNRESET/, 'the service dies of it'],
  ];
  for (const [name, codes, says, why] of HARMFUL) {
    it(`goes back by itself when ${why}`, async (test) => {
      const bench = await agentBench(test);
      if (name !== 'sick') bench.hurry();
      await running(bench);
      bench.fleet.order({ candidate: DIGESTS[name] });
      const slot = await bench.reported('a clear failure', ({ phase }) => phase === 'failed');
      assert.ok(codes.includes(slot.failureCode), slot.failureCode);
      assert.match(slot.failure, says);
      assert.equal(slot.failed, DIGESTS[name]);
      await eventually('the old file is there', () => bench.inFile() === 'old');
      if (slot.failureCode !== 'revert-failed') return;
      assert.equal(slot.current, DIGESTS[name], 'what may still be in force is what counts');
      await bench.service.kill();
      await bench.startService();
      const back = await bench.reported('it is back once the service is', ({ current }) => current === DIGESTS.old);
      assert.deepEqual([back.phase, back.failureCode, await bench.running()], ['failed', 'verify-failed', 'old']);
    });
  }

  it('a service that never reads its file again: verify-failed, and back at once, since it never left', async (test) => {
    const bench = await agentBench(test, FILES.deaf);
    bench.hurry();
    await running(bench);
    bench.fleet.order({ candidate: DIGESTS.good });
    const slot = await bench.reported('a clear failure', ({ phase }) => phase === 'failed');
    assert.deepEqual([slot.failureCode, slot.current, bench.inFile()], ['verify-failed', DIGESTS.deaf, 'deaf']);
    assert.match(slot.failure, /the service does not show it within 1s/);
  });

  it('law 7: going back is not done until the service shows it; it is told again, and the server hears of it', async (test) => {
    const bench = await agentBench(test);
    bench.hurry();
    await running(bench);
    await brought(bench, 'deaf');
    bench.fleet.order({});
    const slot = await bench.reported('stuck', ({ failureCode }) => failureCode === 'revert-failed');
    assert.deepEqual([slot.phase, slot.current, bench.inFile()], ['failed', DIGESTS.deaf, 'old']);
    await bench.service.kill();
    await bench.startService();
    await bench.reported('back', ({ phase, current }) => phase === 'settled' && current === DIGESTS.old);
  });

  it('after the confirmation a failing check still takes it back, for the time of the watch', async (test) => {
    const bench = await agentBench(test);
    bench.hurry();
    await running(bench);
    await brought(bench, 'good');
    await bench.service.kill();
    const stuck = await bench.reported('the check fails', ({ phase }) => phase === 'failed');
    assert.match(stuck.failure, /it went back because: check alive: .* \(check-failed\)/);
    await bench.startService();
    const slot = await bench.reported('back', ({ current }) => current === DIGESTS.old);
    assert.deepEqual([slot.phase, slot.failureCode, await bench.running()], ['failed', 'check-failed', 'old']);
  });

  it('a check that failed before is not blamed on the change: sick-before, nothing touched', async (test) => {
    const bench = await running(await agentBench(test, FILES.sick));
    const { reads } = bench.service;
    const before = await reads();
    bench.fleet.order({ candidate: DIGESTS.good });
    const slot = await bench.reported('refused', ({ phase }) => phase === 'failed');
    assert.deepEqual([slot.failureCode, bench.inFile(), await reads()], ['sick-before', 'sick', before]);
    assert.match(slot.failure, /before anything was changed, check alive: .*500, expected 200/);
    assert.deepEqual(
      bench.fleet.reports.at(-1)?.checks.map(({ healthy }) => healthy),
      [false],
    );
  });

  it('law 18: does not try again what failed here until another rollout asks for it', async (test) => {
    const bench = await running(await agentBench(test));
    const { reads } = bench.service;
    bench.fleet.order({ candidate: DIGESTS.sick });
    await bench.reported('failed', ({ phase }) => phase === 'failed');
    const after = await reads();
    const generation = bench.fleet.order({ candidate: DIGESTS.sick, targets: { ring: ['canary', 'pilot'] } });
    const slot = await bench.reported('heard', (each) => each.generation === generation);
    assert.deepEqual([slot.phase, await reads()], ['failed', after]);
    bench.fleet.order({ candidate: DIGESTS.sick, rollout: 'shop-2' });
    await eventually('tried for another rollout', async () => (await reads()) > after);
  });

  it('law 23: an opening for other rings moves nothing', async (test) => {
    const bench = await running(await agentBench(test));
    const generation = bench.fleet.order({ candidate: DIGESTS.good, targets: { ring: ['broad'] } });
    await bench.reported('heard', (slot) => slot.generation === generation);
    assert.deepEqual([bench.fleet.slot?.phase, bench.inFile()], ['settled', 'old']);
    assert.deepEqual(readdirSync(join(bench.folder, 'state', 'kept')), [], 'not even a copy was fetched');
  });

  it('somebody else changes the file: said, and nothing new is applied over it', async (test) => {
    const bench = await running(await agentBench(test));
    await brought(bench, 'good');
    bench.fleet.order({ lastKnownGood: DIGESTS.good });
    writeFileSync(bench.file, 'by hand');
    bench.fleet.order({ lastKnownGood: DIGESTS.good, candidate: DIGESTS.better, rollout: 'shop-2' });
    const slot = await bench.reported('drifted', ({ failureCode }) => failureCode === 'drifted');
    assert.deepEqual([slot.phase, bench.inFile()], ['failed', 'by hand']);
  });

  it('law 8: keeps the last three and the baseline, and nothing else', async (test) => {
    const bench = await running(await agentBench(test));
    let lastKnownGood = null;
    for (const [index, name] of (['good', 'better', 'best', 'finest'] as const).entries()) {
      bench.fleet.order({ lastKnownGood, candidate: DIGESTS[name], rollout: `shop-${index}` });
      await bench.reported(name, ({ phase, current }) => phase === 'settled' && current === DIGESTS[name]);
      lastKnownGood = DIGESTS[name];
      const generation = bench.fleet.order({ lastKnownGood });
      await bench.reported('heard', (slot) => slot.generation === generation);
    }
    const wanted = (['old', 'better', 'best', 'finest'] as const).map((name) => DIGESTS[name].slice(7)).sort();
    const kept = () => readdirSync(join(bench.spec.directory, 'kept')).sort();
    await eventually('only those are kept', () => JSON.stringify(kept()) === JSON.stringify(wanted));
    await eventually(
      'nothing is left beside the file',
      () => readdirSync(bench.folder).filter((name) => name.startsWith('.')).length === 0,
    );
  });

  it('counts for each revision what the service did under it', async (test) => {
    const bench = await agentBench(test);
    bench.spec = { ...bench.spec, checks: [] };
    await running(bench);
    const { fleet } = bench;
    const work = async (times: number) => {
      for (let count = 0; count < times; count++) await (await fetch(`${bench.service.url}/work`)).arrayBuffer();
    };
    const total = (metric: string, name: FileName) => {
      const latest = fleet.observed.at(-1)?.observations ?? [];
      const found = latest.find((each) => each.metric === metric && each.artifact === DIGESTS[name]);
      return found !== undefined && 'total' in found ? found : undefined;
    };
    await work(7);
    fleet.order({ candidate: DIGESTS.failing });
    await eventually('the new revision is counted', () => total('work', 'failing') !== undefined);
    assert.equal(total('work', 'old'), undefined, 'one revision is in force');
    await work(10);
    await eventually('ten', () => total('work', 'failing')?.total === 10);
    assert.deepEqual([total('failures', 'failing')?.total, total('failures', 'failing')?.present], [5, true]);
    const { epoch } = total('work', 'failing') ?? {};
    assert.deepEqual(fleet.observed.at(-1)?.exposedCounters, ['requests_total']);
    await bench.service.kill();
    await bench.startService();
    await work(3);
    await eventually('the service began anew at 0: thirteen', () => total('work', 'failing')?.total === 13);
    assert.equal(total('work', 'failing')?.epoch, epoch);
    fleet.order({});
    await eventually('back', () => total('work', 'old') !== undefined);
    await eventually('counted anew', () => total('work', 'old')?.total === 0);
    assert.notEqual(total('work', 'old')?.epoch, epoch);
  });

  it('says why there is nothing to count', async (test) => {
    const bench = await agentBench(test);
    bench.spec = { ...bench.spec, metrics: { url: `${bench.service.url}/config`, everyMs: 50 } };
    await running(bench);
    await eventually('said', () =>
      bench.fleet.observed.at(-1)?.scrapeError.includes('line 1: expected the name of a metric'),
    );
    assert.deepEqual(bench.fleet.observed.at(-1)?.observations, []);
  });

  it('ends in order: what is not confirmed goes back first', async (test) => {
    const bench = await agentBench(test);
    bench.fleet.confirms = false;
    const agent = await bench.startAgent();
    bench.fleet.order({ candidate: DIGESTS.good });
    await bench.reported('provisional', ({ phase }) => phase === 'provisional');
    await agent.stop();
    assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old']);
    assert.deepEqual([bench.fleet.slot?.phase, bench.fleet.slot?.failureCode], ['failed', 'interrupted']);
  });

  it('one agent for a directory', async (test) => {
    const bench = await running(await agentBench(test));
    await assert.rejects(
      bench.startAgent(),
      /another agent is running with .*state; stop it, or give this one another directory/,
    );
  });

  it('law 23: refuses what is for another role, also when its own was only learnt, and says so', async (test) => {
    const bench = await agentBench(test);
    bench.spec = { ...bench.spec, role: null };
    const first = await bench.startAgent();
    await brought(bench, 'good');
    assert.equal(first.target.role, 'web');
    await first.stop();
    bench.fleet.misdirects = 'api';
    bench.fleet.order({ role: 'api', candidate: DIGESTS.better, rollout: 'shop-2' });
    const second = await bench.startAgent();
    assert.equal(second.target.role, 'web', 'it is kept over a restart');
    const slot = await bench.reported('refused', ({ failureCode }) => failureCode === 'refused');
    assert.match(slot.failure, /the assignment is for shop\/api\/config\/shop, this is shop\/web\/config\/shop/);
    assert.deepEqual([slot.phase, bench.inFile()], ['failed', 'good']);
  });

  it('a rollback does not wait for what is under way', async (test) => {
    const bench = await agentBench(test);
    const { slot } = bench;
    const command = ['sh', '-c', `if grep -q 2 ${bench.file}; then sleep 600; fi; kill -HUP $(cat ${bench.pidFile})`];
    const reload = { kind: 'command', command, timeoutMs: 300_000 } as const;
    bench.spec = { ...bench.spec, slots: { [SLOT]: { ...slot, reload } } };
    await running(bench);
    bench.fleet.order({ candidate: DIGESTS.good });
    await eventually(
      'it hangs in the middle',
      () => bench.fleet.slot?.phase === 'applying' && bench.inFile() === 'good',
    );
    bench.fleet.order({});
    await bench.reported('back', ({ phase, current }) => phase === 'settled' && current === DIGESTS.old);
    assert.equal(bench.inFile(), 'old');
  });

  it('law 5: the last known good is on the target before anything is applied, also one that was never held here', async (test) => {
    const bench = await running(await agentBench(test));
    bench.fleet.order({ lastKnownGood: DIGESTS.good, candidate: DIGESTS.better });
    await bench.reported('forward', ({ phase, current }) => phase === 'settled' && current === DIGESTS.better);
    bench.fleet.lose(DIGESTS.good);
    bench.fleet.order({ lastKnownGood: DIGESTS.good });
    await bench.reported('there', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
    assert.deepEqual([bench.inFile(), await bench.running()], ['good', 'good']);
  });

  it('law 5: without the last known good nothing is applied', async (test) => {
    const bench = await running(await agentBench(test));
    bench.fleet.lose(DIGESTS.good);
    const reads = await bench.service.reads();
    bench.fleet.order({ lastKnownGood: DIGESTS.good, candidate: DIGESTS.better });
    const slot = await bench.reported('said, after a few tries', ({ phase }) => phase === 'failed');
    assert.match(slot.failure, /is not on this target and cannot be had from the server now: .*no such artifact/);
    assert.deepEqual([slot.failureCode, bench.inFile(), await bench.service.reads()], ['prepare-failed', 'old', reads]);
  });

  it('law 5: what cannot be written down is not done', async (test) => {
    const bench = await agentBench(test);
    let full = true;
    const openDisk: typeof openAgentDisk = async (...where) => {
      const disk = await openAgentDisk(...where);
      const writeRecord: AgentDisk['writeRecord'] = async (slot, record) => {
        if (full && record.includes('"applying"'))
          throw new AgentDiskError('disk-full', 'there is no room left on the disk');
        await disk.writeRecord(slot, record);
      };
      return { ...disk, writeRecord };
    };
    await bench.startAgent({ openDisk });
    await bench.reported('what it found', ({ verifiedBy }) => verifiedBy !== '');
    const reads = await bench.service.reads();
    bench.fleet.order({ candidate: DIGESTS.good });
    const slot = await bench.reported('said', ({ phase }) => phase === 'failed');
    assert.deepEqual([slot.failureCode, bench.inFile(), await bench.service.reads()], ['disk-full', 'old', reads]);
    full = false;
    bench.fleet.order({ candidate: DIGESTS.good, rollout: 'shop-2' });
    await bench.reported('with room again', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
  });

  it('law 5: back needs no room, and that it went back is written down once there is some, with nothing new ordered', async (test) => {
    const bench = await agentBench(test);
    let full = false;
    let tried = 0;
    let kept = '';
    const openDisk: typeof openAgentDisk = async (...where) => {
      const disk = await openAgentDisk(...where);
      const writeRecord: AgentDisk['writeRecord'] = async (slot, record) => {
        if (full) tried++;
        if (full) throw new AgentDiskError('disk-full', 'there is no room left on the disk');
        await disk.writeRecord(slot, record);
        if (record.includes('"holds"')) kept = record;
      };
      return { ...disk, writeRecord };
    };
    await bench.startAgent({ openDisk });
    bench.fleet.order({ candidate: DIGESTS.good });
    await bench.reported('in force', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
    await eventually('that is written down', () => holdsIn(kept) === DIGESTS.good);
    full = true;
    bench.fleet.order({});
    await bench.reported('back', ({ phase }) => phase === 'settled' && bench.inFile() === 'old');
    assert.equal(holdsIn(kept), DIGESTS.good, 'there was no room to say so');
    const before = tried;
    await eventually('it goes on trying though nothing happens', () => tried >= before + 4);
    full = false;
    await eventually('it is written down after all', () => holdsIn(kept) !== DIGESTS.good);
  });

  it('a wrong wall clock changes nothing', async (test) => {
    const bench = await agentBench(test);
    let wrong = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + wrong };
    const jump = setInterval(() => {
      wrong = (Math.abs(wrong) + 86_400_000) * (wrong < 0 ? 1 : -1);
    }, 20);
    test.after(() => clearInterval(jump));
    await bench.startAgent({ clock });
    bench.fleet.confirmWithinMs = 60_000;
    bench.fleet.confirms = false;
    bench.fleet.order({ candidate: DIGESTS.good });
    await bench.reported('provisional', ({ phase }) => phase === 'provisional');
    const seen = wrong;
    await eventually(
      'the clock has jumped by days, both ways',
      () => Math.abs(wrong) > Math.abs(seen) + 10 * 86_400_000,
    );
    assert.deepEqual([bench.fleet.slot?.phase, bench.inFile()], ['provisional', 'good']);
    bench.fleet.confirms = true;
    bench.fleet.order({ candidate: DIGESTS.good, targets: { ring: ['canary', 'pilot'] } });
    await bench.reported('confirmed', ({ phase }) => phase === 'settled');
    bench.fleet.order({});
    await bench.reported('back', ({ phase, current }) => phase === 'settled' && current === DIGESTS.old);
  });
});

describe('a full disk', () => {
  function tinyDisk(test: TestContext): string | null {
    if (process.getuid?.() !== 0) return null;
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-tiny-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]);
    test.after(() => {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    });
    return folder;
  }

  function fill(folder: string): void {
    assert.throws(() => writeFileSync(join(folder, 'filler'), Buffer.alloc(1_000_000)), /ENOSPC/);
  }

  for (const where of ['beside the file', 'in the agent’s directory']) {
    it(`${where}, at the apply: the old bytes stay, disk-full is said, and the agent goes on`, async (test) => {
      const folder = tinyDisk(test);
      if (folder === null) return test.skip('mounting a tiny file system takes root');
      const bench = await agentBench(test);
      if (where === 'beside the file') {
        const file = join(folder, 'shop.json');
        writeFileSync(file, FILES.old);
        const { slot } = bench;
        bench.spec = { ...bench.spec, slots: { [SLOT]: { ...slot, file, verify: null } } };
      } else bench.spec = { ...bench.spec, directory: join(folder, 'state') };
      await running(bench);
      const { file } = bench.slot;
      fill(folder);
      bench.fleet.order({ candidate: DIGESTS.good });
      const slot = await bench.reported('said', ({ phase }) => phase === 'failed');
      assert.equal(slot.failureCode, 'disk-full');
      assert.match(slot.failure, /there is no room left on the disk/);
      assert.equal(readFileSync(file, 'utf8'), FILES.old);
      rmSync(join(folder, 'filler'));
      bench.fleet.order({ candidate: DIGESTS.good, rollout: 'shop-2' });
      await bench.reported('with room again', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
      fill(folder);
      bench.fleet.order({});
      await bench.reported(
        'law 5: back needs no room',
        ({ phase, current }) => phase === 'settled' && current === DIGESTS.old,
      );
      assert.equal(readFileSync(file, 'utf8'), FILES.old);
    });
  }
});
