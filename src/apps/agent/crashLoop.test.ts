import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import type { SlotReport } from '../../engine/ports/fleet.ts';
import { DIGESTS, type FileName } from './testing/agentBench.ts';
import { SLOT } from './testing/benchFleet.ts';
import { type Mortal, mortal } from './testing/mortal.ts';

const holds = (name: FileName) => (slot: SlotReport) => slot.phase === 'settled' && slot.current === DIGESTS[name];

/** A target on which `good` was confirmed and whose agent has ended since. Its rollout is not over. */
async function confirmed(it: Mortal, end: 'SIGTERM' | 'SIGKILL', boot: string): Promise<void> {
  await it.fresh();
  it.order({ candidate: DIGESTS.good });
  await bootOnce(it, end, boot, 'good');
}

/** A start that looks fine: the agent runs, reports, and ends. */
async function bootOnce(it: Mortal, end: 'SIGTERM' | 'SIGKILL', boot: string, name: FileName): Promise<void> {
  const child = it.start({ BOOT: boot });
  await it.bench.reported(`it runs with ${name}`, holds(name));
  const ended = once(child, 'exit');
  child.kill(end);
  await ended;
}

async function assertBack({ bench }: Mortal, says: RegExp): Promise<void> {
  const slot = await bench.reported('it is back', ({ phase }) => phase === 'failed');
  assert.deepEqual([slot.failureCode, slot.failed, slot.current], ['crash-loop', DIGESTS.good, DIGESTS.old]);
  assert.match(slot.failure, says);
  assert.deepEqual([bench.inFile(), await bench.running()], ['old', 'old']);
}

describe('law 9: what was confirmed and then starts again and again', { concurrency: 3 }, () => {
  // biome-ignore format: a table
  const LOOPS: readonly (readonly [why: string, end: 'SIGTERM' | 'SIGKILL', boots: readonly string[], says: RegExp])[] = [
    ['an agent that crashes (SIGKILL)', 'SIGKILL', ['a', 'a', 'a'], /the agent was started 3 times, each within 10m .*it had not been told to end/],
    ['a machine that reboots, and ends its agent in order each time', 'SIGTERM', ['b', 'c', 'd'], /started 3 times.*the machine had been booted/],
  ];
  for (const [why, end, [first, second, third], says] of LOOPS) {
    it(`${why}: goes back by itself, although each start was fine`, async (test) => {
      const it = await mortal(test);
      await confirmed(it, end, 'a');
      await bootOnce(it, end, first ?? '', 'good');
      await bootOnce(it, end, second ?? '', 'good');
      const last = it.start({ BOOT: third ?? '' });
      await assertBack(it, says);
      await it.end(last);
    });
  }

  it('an agent that is told to end and started again, however often: stays', async (test) => {
    const it = await mortal(test);
    await confirmed(it, 'SIGTERM', 'a');
    for (let times = 0; times < 4; times++) await bootOnce(it, 'SIGTERM', 'a', 'good');
    assert.equal(it.bench.inFile(), 'good');
    assert.equal((await it.record())?.trial?.strikes.started, 0);
  });

  it('law 21: the last known good of the whole fleet stays', async (test) => {
    const it = await mortal(test);
    await confirmed(it, 'SIGKILL', 'a');
    it.order({ lastKnownGood: DIGESTS.good });
    for (let times = 0; times < 4; times++) await bootOnce(it, 'SIGKILL', 'a', 'good');
    assert.equal(it.bench.inFile(), 'good');
  });

  /** A slot whose service is not asked for anything but its process, so that only that is seen. */
  function watchProcessAlone({ bench }: Mortal, reload: 'signal' | 'http'): void {
    const { slot } = bench;
    const http = { kind: 'http', url: `${bench.service.url}/reload`, method: 'POST', timeoutMs: 5_000 } as const;
    const told = { ...slot, reload: reload === 'http' ? http : slot.reload };
    bench.spec = { ...bench.spec, checks: [], slots: { [SLOT]: told } };
    if (reload === 'signal') bench.spec = { ...bench.spec, metrics: null };
  }

  for (const [seenBy, reload] of [
    ['its counters', 'http'],
    ['its pid file', 'signal'],
  ] as const) {
    it(`a service that is started again and again, seen by ${seenBy}: goes back`, async (test) => {
      const it = await mortal(test);
      await it.fresh();
      watchProcessAlone(it, reload);
      it.order({ candidate: DIGESTS.good });
      const child = it.start();
      await it.bench.reported('confirmed', holds('good'));
      // Each is looked at before it goes: by its counters at once, by its pid file every ten seconds.
      await eventually(
        'back',
        async () => {
          const reads = it.bench.fleet.observed.length;
          const until = Date.now() + 1_100;
          await eventually(
            'looked at',
            () => Date.now() > until && (reload === 'signal' || it.bench.fleet.observed.length > reads),
          );
          await it.bench.service.kill();
          await it.bench.startService();
          return it.bench.fleet.slot?.phase === 'failed';
        },
        120_000,
      );
      await assertBack(it, /the service was started 3 times.*process/);
      await it.end(child);
    });
  }

  it('a check that flaps after the watch is over: goes back', async (test) => {
    const it = await mortal(test);
    const { bench } = it;
    await it.fresh();
    const sick = join(bench.folder, 'sick');
    const { slot } = bench;
    const probe = { kind: 'exec', command: ['sh', '-c', `! test -e ${sick}`] } as const;
    const check = { name: 'flaps', probe, everyMs: 20, timeoutMs: 5_000, failures: 2 };
    bench.spec = { ...bench.spec, checks: [check], slots: { [SLOT]: { ...slot, watchForMs: 1 } } };
    it.order({ candidate: DIGESTS.good });
    const child = it.start();
    await eventually('the watch is over', async () => (await it.phase()) === 'settled' && bench.inFile() === 'good');
    const isHealthy = () => bench.fleet.reports.at(-1)?.checks[0]?.healthy;
    for (let times = 1; times <= 3; times++) {
      writeFileSync(sick, '');
      await eventually('unwell', () => isHealthy() === false);
      rmSync(sick);
      await eventually('well', () => isHealthy() === true);
    }
    await assertBack(it, /a local check began to fail 3 times.*check flaps/);
    await it.end(child);
  });
});
