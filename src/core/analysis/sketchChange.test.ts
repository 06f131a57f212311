import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { coarsened, sketchSince, sumOfSketches } from './sketchChange.ts';
import type { Sketch } from './targetSample.ts';

/** What a service that counts into these buckets shows of these values. */
function sketchOf(values: readonly number[], bounds: readonly number[]): Sketch {
  const counts = bounds.map((bound, index) => {
    const below = bounds[index - 1] ?? Number.NEGATIVE_INFINITY;
    return values.filter((value) => value > below && value <= bound).length;
  });
  return { bounds, counts, sum: values.reduce((sum, value) => sum + value, 0) };
}

const upTo = ({ bounds, counts }: Sketch, limit: number) =>
  counts.reduce((sum, count, index) => ((bounds[index] ?? 0) <= limit ? sum + count : sum), 0);

const value = fc.integer({ min: 1, max: 40 });
const values = fc.array(value, { maxLength: 30 });
const layout = fc
  .uniqueArray(value, { maxLength: 8 })
  .map((bounds) => [...bounds.sort((left, right) => left - right), Number.POSITIVE_INFINITY]);

/** What is said of these values must be true at every bound, and all of them must be there. */
function assertHolds(sketch: Sketch, all: readonly number[]): void {
  for (const bound of sketch.bounds) {
    assert.equal(upTo(sketch, bound), all.filter((each) => each <= bound).length, `up to ${bound}`);
  }
  assert.ok(sketch.bounds.every((bound, index) => index === 0 || bound > (sketch.bounds[index - 1] ?? bound)));
  assert.equal(sketch.counts.length, sketch.bounds.length);
  assert.equal(
    sketch.sum,
    all.reduce((sum, each) => sum + each, 0),
  );
}

const INF = Number.POSITIVE_INFINITY;

describe('what a sketch has gained', () => {
  it('of the same buckets, bucket by bucket', () => {
    const before = { bounds: [1, 2, INF], counts: [3, 0, 1], sum: 9 };
    const now = { bounds: [1, 2, INF], counts: [3, 2, 1], sum: 12 };
    assert.deepEqual(sketchSince(before, now), { bounds: [1, 2, INF], counts: [0, 2, 0], sum: 3 });
  });

  it('nothing where a bucket has lost some: it began anew', () => {
    const before = { bounds: [1, 2, INF], counts: [3, 0, 1], sum: 9 };
    assert.equal(sketchSince(before, { bounds: [1, 2, INF], counts: [2, 5, 5], sum: 90 }), null);
  });

  it('rounding is no loss', () => {
    const before = { bounds: [1, 2, INF], counts: [0.1, 0.2, 0], sum: 0.5 };
    const now = { bounds: [2, INF], counts: [0.3 - Number.EPSILON / 4, 0], sum: 0.5 };
    assert.deepEqual(sketchSince(before, now)?.counts, [0, 0]);
  });

  it('a bound that only one of them has stays where nothing lies about it', () => {
    const before = { bounds: [1, 2], counts: [0, 4], sum: 6 };
    const now = { bounds: [1, 1.5, 2, 3, 4], counts: [0, 1, 4, 0, 2], sum: 15 };
    assert.deepEqual(sketchSince(before, now), { bounds: [1, 2, 3, 4], counts: [0, 1, 0, 2], sum: 9 });
  });

  it('what is said of it is true, whatever the two layouts', () => {
    fc.assert(
      fc.property(values, values, layout, layout, (first, more, one, other) => {
        const since = sketchSince(sketchOf(first, one), sketchOf([...first, ...more], other));
        assert.ok(since);
        assertHolds(since, more);
      }),
    );
  });
});

describe('two sketches together', () => {
  it('say what is true of all values, whatever their layouts', () => {
    fc.assert(
      fc.property(values, values, layout, layout, (some, others, one, other) => {
        assertHolds(sumOfSketches(sketchOf(some, one), sketchOf(others, other)), [...some, ...others]);
      }),
    );
  });

  it('with nothing, are what the one was', () => {
    const one = { bounds: [1, 2], counts: [0, 4], sum: 6 };
    assert.deepEqual(sumOfSketches(one, { bounds: [], counts: [], sum: 0 }), one);
  });
});

describe('a coarser sketch', () => {
  it('is true, and has at most so many buckets', () => {
    fc.assert(
      fc.property(values, layout, fc.integer({ min: 1, max: 12 }), (all, bounds, most) => {
        const coarse = coarsened(sketchOf(all, bounds), most);
        assert.ok(coarse.bounds.length <= most);
        assertHolds(coarse, all);
      }),
    );
  });

  it('joins what is empty before it joins what is not', () => {
    const sketch = { bounds: [1, 2, 3, 4, 5, INF], counts: [0, 0, 0, 7, 1, 0], sum: 32 };
    assert.deepEqual(coarsened(sketch, 4), { bounds: [3, 4, 5, INF], counts: [0, 7, 1, 0], sum: 32 });
  });
});
