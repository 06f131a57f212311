import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSketch } from '../../core/analysis/targetSample.ts';
import type { Counted, TargetObservation } from '../ports/fleet.ts';
import { ObservedTotals } from './observedTotals.ts';

function saying(counted: Counted, countedMs?: number, epoch = 1): TargetObservation {
  const about = { metric: 'it', slot: 'config/shop', artifact: null, epoch, present: true } as const;
  return { ...about, ...(countedMs === undefined ? {} : { countedMs }), ...counted };
}

/** What is new in each report, as figures and minutes. */
function heard(...reports: readonly (readonly [TargetObservation, number])[]) {
  const totals = new ObservedTotals();
  return reports.map(([observation, now]) => {
    const [found] = totals.take([observation], now);
    return found === undefined ? null : [found.figures, found.minutes];
  });
}

const total = (value: number) => ({ total: value });
const readings = (taken: number, ...last: readonly number[]) => ({ readings: { taken, last } });
const sketch = (counts: readonly number[], sum: number) => ({
  sketch: { bounds: [1, 2, Number.POSITIVE_INFINITY], counts, sum },
});

describe('what is new in what a target says', () => {
  it('is what a counter grew by, over the time that it was counted', () => {
    const said = [
      [saying(total(100), 60_000), 5],
      [saying(total(107), 90_000), 6],
      [saying(total(107), 120_000), 7],
    ] as const;
    assert.deepEqual(heard(...said), [
      [[0], 0],
      [[7], 0.5],
      [[0], 0.5],
    ]);
  });

  it('is reckoned by our clock where the agent does not say for how long', () => {
    assert.deepEqual(heard([saying(total(100)), 60_000], [saying(total(107)), 90_000]), [
      [[0], 0],
      [[7], 0.5],
    ]);
  });

  it('is reckoned from when it last said anything, where it held something else in between', () => {
    const [there, back] = [`sha256:${'a'.repeat(64)}`, null] as const;
    const of = (artifact: typeof there | null, value: number) => ({ ...saying(total(value)), artifact });
    const said = [
      [of(back, 10), 0],
      [of(there, 4), 30_000],
      [of(there, 8), 60_000],
      [of(back, 15), 90_000],
    ] as const;
    assert.deepEqual(heard(...said), [
      [[0], 0],
      [[4], 0.5],
      [[4], 0.5],
      [[5], 0.5],
    ]);
  });

  it('is nothing when it is said twice, and nothing when an older report comes late', () => {
    const said = [
      [saying(total(1), 0), 0],
      [saying(total(9), 60_000), 0],
      [saying(total(9), 60_000), 0],
      [saying(total(5), 30_000), 0],
      [saying(total(10), 60_000), 0],
    ] as const;
    assert.deepEqual(
      heard(...said).map((each) => each?.[0]),
      [[0], [8], [0], [0], [1]],
    );
    assert.deepEqual(heard([saying(readings(2, 7, 8), 0), 0], [saying(readings(2, 7, 8), 0), 0]), [null, null]);
  });

  it('a new epoch is counted from its beginning, for as long as it has been counted', () => {
    const said = [
      [saying(total(100), 60_000), 0],
      [saying(total(3), 6_000, 2), 0],
    ] as const;
    assert.deepEqual(heard(...said)[1], [[3], 0.1]);
  });

  it('values of a gauge are those that were read since, also those of reports that were lost', () => {
    const said = [
      [saying(readings(3, 1, 2, 3), 60_000), 0],
      [saying(readings(4, 1, 2, 3, 4), 120_000), 0],
      [saying(readings(7, 4, 5, 6, 7), 240_000), 0],
      [saying(readings(70, 67, 68, 69, 70), 300_000), 0],
    ] as const;
    assert.deepEqual(heard(...said), [null, [[4], 1], [[5, 6, 7], 2], [[67, 68, 69, 70], 1]]);
  });

  it('a sketch is of what was observed since', () => {
    const said = [
      [saying(sketch([5, 0, 1], 12), 0), 0],
      [saying(sketch([5, 2, 1], 15), 60_000), 0],
      [saying(sketch([5, 0, 1], 12), 0), 0],
      [saying(sketch([6, 2, 1], 16), 120_000), 0],
    ] as const;
    const since = (counts: readonly number[], sum: number) => sketch(counts, sum).sketch;
    assert.deepEqual(heard(...said), [
      [since([0, 0, 0], 0), 0],
      [since([0, 2, 0], 3), 1],
      null,
      [since([1, 0, 0], 1), 1],
    ]);
  });

  it('adds up to what was counted, whatever is lost, repeated or late', () => {
    const step = fc.record({ more: fc.nat(9), fate: fc.constantFrom('arrives', 'lost', 'repeated', 'old') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const totals = new ObservedTotals();
        const of = (counted: number) => [
          saying(total(counted), counted * 1000),
          { ...saying(sketch([0, counted, 0], 2 * counted), counted * 1000), metric: 'other' },
        ];
        totals.take(of(0), 0);
        let counted = 0;
        const arrived = { grown: 0, observed: 0, minutes: 0 };
        const arrive = (value: number) => {
          for (const { metric, figures, minutes } of totals.take(of(value), 0)) {
            if (metric === 'it') arrived.minutes += minutes;
            if (isSketch(figures)) arrived.observed += figures.counts[1] ?? 0;
            else arrived.grown += figures[0] ?? 0;
          }
        };
        for (const { more, fate } of [...steps, { more: 1, fate: 'arrives' }]) {
          const before = counted;
          counted += more;
          if (fate !== 'lost') arrive(counted);
          if (fate === 'repeated') arrive(counted);
          if (fate === 'old') arrive(before);
        }
        assert.deepEqual([arrived.grown, arrived.observed], [counted, counted]);
        assert.ok(Math.abs(arrived.minutes * 60 - counted) < 1e-6);
      }),
    );
  });
});
