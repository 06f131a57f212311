import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { TargetObservation } from '../ports/fleet.ts';
import type { ExpositionReading, MetricReading, Watches } from '../ports/scrape.ts';
import { RevisionCounts } from './revisionCounts.ts';

const [OLD, NEW]: readonly [Digest, Digest] = [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`];
const INF = Number.POSITIVE_INFINITY;
const inForce = (content: Digest, serial: number) => new Map([['config/shop', { content, serial }]]);

const NOTHING = { counters: [], gauges: [], histograms: [] };
const reading = (it: MetricReading, processStart: number | null = null): ExpositionReading => ({
  metrics: { it },
  exposed: NOTHING,
  processStart,
});
const gauge = (...values: readonly number[]) =>
  reading({ present: true, problem: '', series: new Map(values.map((value, index) => [`${index}`, value])) });
const histogram = (sketches: Readonly<Record<string, Sketch>>, processStart: number | null = null) =>
  reading({ present: true, problem: '', sketches: new Map(Object.entries(sketches)) }, processStart);
const sketch = (counts: readonly number[], sum: number, bounds: readonly number[] = [1, 2, INF]) => ({
  bounds,
  counts,
  sum,
});

const GAUGE: Watches = { it: { gauge: 'open' } };
const HISTOGRAM: Watches = { it: { histogram: 'latency' } };

function last(watches: Watches, ...readings: readonly ExpositionReading[]): TargetObservation | undefined {
  const counts = new RevisionCounts(1);
  return readings.map((each, index) => counts.count(each, watches, inForce(OLD, 1), index * 1000)[0]).at(-1);
}
const readingsOf = (found: TargetObservation | undefined) =>
  found && 'readings' in found ? found.readings : undefined;
const sketchOf = (found: TargetObservation | undefined) => (found && 'sketch' in found ? found.sketch : undefined);

describe('what a gauge showed under a revision', () => {
  it('is every reading, its series added up', () => {
    assert.deepEqual(readingsOf(last(GAUGE, gauge(3), gauge(1, 2.5), gauge(0))), { taken: 3, last: [3, 3.5, 0] });
  });

  it('nobody shows it, or it cannot be read: that is not 0', () => {
    const broken = reading({ present: false, problem: 'broken', series: new Map() });
    assert.deepEqual(readingsOf(last(GAUGE, gauge(3), gauge(), broken, gauge(4))), { taken: 2, last: [3, 4] });
    assert.deepEqual(readingsOf(last(GAUGE, gauge(Number.MAX_VALUE, Number.MAX_VALUE))), { taken: 0, last: [] });
  });

  it('is kept for as many reports as may be lost', () => {
    const many = Array.from({ length: 100 }, (_, index) => gauge(index));
    const found = readingsOf(last(GAUGE, ...many));
    assert.deepEqual([found?.taken, found?.last.length, found?.last.at(-1)], [100, 32, 99]);
  });

  it('of another revision is another epoch', () => {
    const counts = new RevisionCounts(1);
    const [before] = counts.count(gauge(1), GAUGE, inForce(OLD, 1), 0);
    const [after] = counts.count(gauge(2), GAUGE, inForce(NEW, 2), 0);
    assert.deepEqual(readingsOf(after), { taken: 1, last: [2] });
    assert.notEqual(before?.epoch, after?.epoch);
  });
});

describe('what was observed in a histogram under a revision', () => {
  it('is counted from the first reading on, its series together', () => {
    const found = last(
      HISTOGRAM,
      histogram({ a: sketch([5, 0, 1], 9), b: sketch([1, 1, 1], 9) }),
      histogram({ a: sketch([6, 0, 1], 10), b: sketch([1, 3, 1], 12) }),
    );
    assert.deepEqual(sketchOf(found), sketch([1, 2, 0], 4));
    assert.equal(found?.countedMs, 1000);
  });

  it('has its buckets already when nothing has been observed', () => {
    assert.deepEqual(sketchOf(last(HISTOGRAM, histogram({ a: sketch([5, 0, 1], 9) }))), sketch([0, 0, 0], 0));
  });

  it('a bucket that falls, or a process that started anew, has begun at 0', () => {
    const fallen = [histogram({ a: sketch([5, 0, 1], 9) }), histogram({ a: sketch([2, 3, 2], 12) })];
    assert.deepEqual(sketchOf(last(HISTOGRAM, ...fallen)), sketch([2, 3, 2], 12));
    const restarted = [histogram({ a: sketch([1, 0, 0], 1) }, 5), histogram({ a: sketch([2, 0, 0], 2) }, 6)];
    assert.deepEqual(sketchOf(last(HISTOGRAM, ...restarted)), sketch([2, 0, 0], 2));
  });

  it('a new series has begun at 0, and one that is missing once goes on from where it was', () => {
    const first = histogram({ a: sketch([5, 0, 0], 5) });
    assert.deepEqual(
      sketchOf(last(HISTOGRAM, first, histogram({ b: sketch([1, 0, 0], 1) }), histogram({ a: sketch([6, 0, 0], 6) }))),
      sketch([2, 0, 0], 2),
    );
  });

  it('other buckets leave those that both know', () => {
    const found = last(
      HISTOGRAM,
      histogram({ a: sketch([5, 2, 1], 9) }),
      histogram({ a: sketch([5, 1, 2, 3], 20, [1, 1.5, 2, INF]) }),
    );
    assert.deepEqual(sketchOf(found), sketch([0, 1, 2], 11));
  });

  it('that was not legible when the revision came is counted from when it is', () => {
    const broken = reading({ present: false, problem: 'broken', sketches: new Map() });
    const readings = [broken, histogram({ a: sketch([5, 0, 0], 5) }), histogram({ a: sketch([6, 0, 0], 6) })];
    assert.deepEqual(sketchOf(last(HISTOGRAM, ...readings)), sketch([1, 0, 0], 1));
  });

  it('never has more buckets than may be sent, and never anything that is not finite', () => {
    const bounds = Array.from({ length: 5000 }, (_, index) => index);
    const wide = (count: number) => ({ a: { bounds, counts: bounds.map(() => count), sum: count } });
    const found = sketchOf(last(HISTOGRAM, histogram(wide(1)), histogram(wide(2))));
    assert.ok(found !== undefined && found.bounds.length <= 160);
    assert.equal(
      found.counts.reduce((sum, count) => sum + count, 0),
      5000,
    );
    const endless = [sketch([0, 0, 0], 0), sketch([1, 0, 0], Number.MAX_VALUE), sketch([0, 0, 0], Number.MAX_VALUE)];
    const kept = sketchOf(last(HISTOGRAM, ...endless.map((each) => histogram({ a: each }))));
    assert.deepEqual(kept, sketch([1, 0, 0], Number.MAX_VALUE));
  });

  it('holds what was added between restarts, whatever happens', () => {
    const event = fc.oneof(
      { weight: 4, arbitrary: fc.record({ value: fc.integer({ min: 1, max: 8 }), to: fc.constantFrom('a', 'b') }) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const counts = new RevisionCounts(1);
        const bounds = [2, 5, INF];
        let shown: Record<string, Sketch> = {};
        let starts = 0;
        const added: number[] = [];
        const read = () => sketchOf(counts.count(histogram(shown, starts), HISTOGRAM, inForce(OLD, 1), 0)[0]);
        read();
        for (const each of events) {
          if (each === 'restart') {
            shown = {};
            starts++;
          } else {
            const { value, to } = each;
            const before = shown[to] ?? { bounds, counts: [0, 0, 0], sum: 0 };
            const at = bounds.findIndex((bound) => value <= bound);
            shown = {
              ...shown,
              [to]: { bounds, counts: before.counts.with(at, (before.counts[at] ?? 0) + 1), sum: before.sum + value },
            };
            added.push(value);
          }
          const found = read();
          assert.deepEqual(
            found?.bounds.map((bound) => added.filter((one) => one <= bound).length) ?? [],
            found?.counts.map((_, index) => found.counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0)),
          );
          assert.equal(
            found?.sum ?? 0,
            added.reduce((sum, one) => sum + one, 0),
          );
        }
      }),
    );
  });
});
