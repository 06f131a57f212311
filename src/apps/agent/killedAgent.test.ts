import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { SlotReport } from '../../engine/ports/fleet.ts';
import { DIGESTS, type FileName } from './testing/agentBench.ts';
import { SLOT } from './testing/benchFleet.ts';
import { mortal } from './testing/mortal.ts';

const holds = (name: FileName) => (slot: SlotReport) => slot.phase === 'settled' && slot.current === DIGESTS[name];
const failed = (slot: SlotReport) => slot.phase === 'failed' && slot.current !== null;

describe('an agent killed before any of its steps (SIGKILL), and started again', () => {
  it('forward: old or new, never half; goes back from what was not confirmed and says so', async (test) => {
    const it = await mortal(test);
    const { bench } = it;
    for (let step = 1; ; step++) {
      await it.fresh();
      it.order({ candidate: DIGESTS.good });
      const died = await it.liveUntil(step, holds('good'));
      if (died === null) break;
      assert.ok(['old', 'good'].includes(bench.inFile()), `after ${died}: ${bench.inFile()}`);
      const phase = await it.phase();
      const unconfirmed = phase !== null && ['applying', 'verifying', 'checking', 'provisional'].includes(phase);
      if (!unconfirmed && phase !== 'watching')
        assert.equal(bench.inFile(), 'old', `after ${died}, nothing was touched`);
      const child = it.start();
      if (unconfirmed) {
        const slot = await bench.reported(`back, after ${died} while ${phase}`, failed);
        assert.deepEqual(
          [slot.failureCode, slot.failed, slot.current],
          ['interrupted', DIGESTS.good, DIGESTS.old],
          died,
        );
        assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old'], died);
      } else {
        await bench.reported(`forward, after ${died} while ${phase}`, holds('good'));
        assert.deepEqual([bench.inFile(), await bench.running()], ['good', 'good'], died);
      }
      await it.end(child);
    }
  });

  for (const phase of ['applying', 'verifying', 'checking', 'provisional'] as const) {
    it(`law 9: ${phase}: goes back and says so`, async (test) => {
      const it = await mortal(test);
      const { bench } = it;
      await it.fresh();
      it.order({ candidate: DIGESTS.good });
      const child = it.start({ DIE_IN_PHASE: phase });
      await once(child, 'exit');
      assert.deepEqual([child.signalCode, await it.phase()], ['SIGKILL', phase]);
      const next = it.start();
      const slot = await bench.reported('back', failed);
      assert.deepEqual(
        [slot.failureCode, slot.failed, bench.inFile(), await bench.running()],
        ['interrupted', DIGESTS.good, 'old', 'old'],
      );
      await it.end(next);
    });
  }

  it('law 5: on the way back, ordered: ends on the old, whatever was in force when it died', async (test) => {
    const it = await mortal(test);
    const { bench } = it;
    for (let step = 1; ; step++) {
      await it.fresh();
      it.order({ candidate: DIGESTS.good });
      const first = it.start();
      await bench.reported('forward', holds('good'));
      await it.end(first);
      it.order({});
      const died = await it.liveUntil(step, holds('old'));
      if (died === null) break;
      assert.ok(['old', 'good'].includes(bench.inFile()), `after ${died}: ${bench.inFile()}`);
      const child = it.start();
      await bench.reported(`back, after ${died}`, holds('old'));
      assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old'], died);
      await it.end(child);
    }
  });

  it('on the way back by itself: ends on the old and says why', async (test) => {
    const it = await mortal(test);
    const { bench } = it;
    for (let step = 1; ; step++) {
      await it.fresh();
      it.order({ candidate: DIGESTS.sick });
      const died = await it.liveUntil(step, failed, 'driver.apply');
      if (died === null) break;
      assert.ok(['old', 'sick'].includes(bench.inFile()), `after ${died}: ${bench.inFile()}`);
      const child = it.start();
      const slot = await bench.reported(`back, after ${died}`, failed);
      assert.ok(['check-failed', 'interrupted'].includes(slot.failureCode), `${died}: ${slot.failureCode}`);
      assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old'], died);
      await it.end(child);
    }
  });

  it('between the renaming and the reload', async (test) => {
    const it = await mortal(test);
    const { bench } = it;
    await it.fresh();
    const { slot } = bench;
    const trap = join(bench.folder, 'trap');
    writeFileSync(trap, '');
    const command = [
      'sh',
      '-c',
      `if [ -e ${trap} ]; then rm ${trap}; kill -9 $PPID; exit; fi; kill -HUP $(cat ${bench.pidFile})`,
    ];
    bench.spec = {
      ...bench.spec,
      slots: { [SLOT]: { ...slot, reload: { kind: 'command', command, timeoutMs: 5_000 } } },
    };
    it.order({ candidate: DIGESTS.good });
    const child = it.start();
    await once(child, 'exit');
    assert.deepEqual([child.signalCode, bench.inFile(), await bench.running()], ['SIGKILL', 'good', 'old']);
    await it.end(it.start());
    const next = it.start();
    const report = await bench.reported('back', failed);
    assert.deepEqual([report.failureCode, bench.inFile(), await bench.running()], ['interrupted', 'old', 'old']);
    await it.end(next);
  });

  it('its lock is free at once, and its identity the same', async (test) => {
    const it = await mortal(test);
    await it.fresh();
    const first = it.start();
    await it.bench.reported('it runs', holds('old'));
    const uids = () => it.bench.fleet.enrolled.filter(({ name }) => name === it.bench.spec.name).map(({ uid }) => uid);
    const before = uids();
    first.kill('SIGKILL');
    await once(first, 'exit');
    const second = it.start();
    await it.bench.reported('it runs again', holds('old'));
    assert.deepEqual(uids(), before);
    await it.end(second);
  });
});
