import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pipeline, stage } from '../rollout/fixtures.ts';
import {
  bakeDeadline,
  earliestPeaks,
  firstCovered,
  leastBakingMs,
  type PeakHours,
  type PeakWindow,
  sayPeakHours,
  WEEKDAYS,
} from './peak.ts';
import type { Bake } from './pipeline.ts';

const PEAK: PeakHours = { from: '18:00', to: '20:00', timeZone: 'UTC', days: WEEKDAYS };
const window = (starts: number, ends: number): PeakWindow => ({ starts, ends, local: { starts: '', ends: '' } });
/** A peak of 20 every 100, from 50 on. */
const DAILY = [window(50, 70), window(150, 170), window(250, 270)];
const daily = (_: PeakHours, from: number, until: number) =>
  Array.from({ length: 20 }, (_, day) => window(day * 100 + 50, day * 100 + 70)).filter(
    ({ starts, ends }) => starts < until && ends > from,
  );

describe('law 4: which peak a bake covers', () => {
  const table: readonly [why: string, since: number, atLeastMs: number | undefined, expected: string | null][] = [
    ['one that begins later, once it is over', 0, undefined, '50 at 70'],
    ['one that begins with the bake', 50, undefined, '50 at 70'],
    ['not one that was under way already', 51, undefined, '150 at 170'],
    ['one under way, where a part of it is enough', 55, 10, '50 at 65'],
    ['not one of which too little is left', 65, 10, '150 at 160'],
    ['more than a peak has is the whole of it: a clock may have jumped in it', 0, 30, '50 at 70'],
    ['none is left', 260, undefined, null],
  ];
  for (const [why, since, atLeastMs, expected] of table) {
    it(why, () => {
      const covered = firstCovered(atLeastMs === undefined ? PEAK : { ...PEAK, atLeastMs }, DAILY, since);
      assert.equal(covered === null ? null : `${covered.window.starts} at ${covered.coveredAt}`, expected);
    });
  }

  it('what is covered was baked through, and no earlier one was', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1500 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        (since, atLeastMs) => {
          const peak = atLeastMs === undefined ? PEAK : { ...PEAK, atLeastMs };
          const covered = firstCovered(peak, daily(PEAK, since, since + 400), since);
          assert.ok(covered !== null);
          const need = atLeastMs ?? 20;
          assert.ok(covered.coveredAt - Math.max(since, covered.window.starts) === need);
          assert.ok(covered.coveredAt <= covered.window.ends);
          const before = covered.window.starts - 100;
          assert.ok(before + 20 - Math.max(since, before) < need);
        },
      ),
    );
  });
});

describe('law 4: the deadline of a bake that waits for a peak', () => {
  const bake: Bake = { minimumMs: 10, exposure: null, deadlineMs: 40, peak: PEAK };
  const { peak: _, ...plain } = bake;
  const table: readonly [string, Bake, since: number, expected: number][] = [
    ['without a peak it is what the pipeline says', plain, 0, 40],
    ['a peak within it changes nothing', bake, 40, 100],
    ['one beyond it leaves as much time after the peak as the pipeline gives after the minimum', bake, 71, 170 + 30],
  ];
  for (const [why, asked, since, expected] of table) {
    it(why, () => assert.equal(bakeDeadline(asked, firstCovered(PEAK, DAILY, since), since), expected));
  }
  it('a calendar without peaks gives no more time', () => assert.equal(bakeDeadline(bake, null, 5), 45));
});

describe('law 4: what a plan can know of peaks', () => {
  const through = pipeline({
    stages: [
      stage('canary', { bake: { minimumMs: 5, exposure: null, deadlineMs: 40, peak: PEAK } }),
      stage('pilot', { bake: { minimumMs: 30, exposure: null, deadlineMs: 40 } }),
      stage('broad', { bake: { minimumMs: 5, exposure: null, deadlineMs: 40, peak: { ...PEAK, atLeastMs: 5 } } }),
    ],
  });
  it('each stage waits for its own, after those before it', () => {
    const peaks = earliestPeaks(through, 60, daily);
    assert.deepEqual(
      peaks.map((peak) => peak?.starts ?? null),
      [150, null, 250],
    );
    assert.equal(leastBakingMs(through, 60, peaks), 255 - 60);
  });
  it('without peaks it is the sum of the minima', () => assert.equal(leastBakingMs(through, 60, []), 40));
  it('a calendar that gives none makes nothing of it', () => {
    assert.deepEqual(
      earliestPeaks(through, 0, () => []),
      [null, null, null],
    );
  });
});

describe('peak hours as people read them', () => {
  const table: readonly [PeakHours['days'], string][] = [
    [WEEKDAYS, '18:00 to 20:00 UTC'],
    [['mon', 'tue', 'wed', 'thu', 'fri'], '18:00 to 20:00 UTC, mon-fri'],
    [['sat', 'sun'], '18:00 to 20:00 UTC, sat, sun'],
    [['mon', 'wed', 'thu', 'fri', 'sun'], '18:00 to 20:00 UTC, mon, wed-fri, sun'],
  ];
  for (const [days, expected] of table) it(expected, () => assert.equal(sayPeakHours({ ...PEAK, days }), expected));
});
