import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Figures, Sketch } from '../targetSample.ts';
import { countAbove, limitIn, quantileOf } from './quantileSamples.ts';

/** Values at most 10, 20, 50, and above. */
const sketch = (...counts: number[]): Sketch => ({ bounds: [10, 20, 50], counts, sum: 0 });
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('quantiles', () => {
  const table: readonly (readonly [string, readonly Figures[], number, number | null])[] = [
    ['of nothing', [], 0.5, null],
    ['of no values', [[], sketch(0, 0, 0, 0)], 0.5, null],
    ['of one', [[7]], 0.99, 7],
    ['the median', [[5, 1, 3]], 0.5, 3],
    ['p90 of ten is the ninth', [upTo(10)], 0.9, 9],
    ['p90 of thirty is the 27th, in floating point too', [upTo(30)], 0.9, 27],
    ['over several targets', [[1, 2], [3], [4, 5]], 0.8, 4],
    ['of a sketch it is the upper bound of its bucket', [sketch(1, 1, 2, 0)], 0.5, 20],
    ['of two sketches together', [sketch(1, 1, 2, 0), sketch(4, 0, 0, 0)], 0.5, 10],
    ['above all bounds there is no telling', [sketch(1, 0, 0, 3)], 0.5, Number.POSITIVE_INFINITY],
    ['of values and a sketch', [[15, 15, 15], sketch(0, 0, 1, 0)], 0.75, 15],
  ];
  for (const [name, figures, q, expected] of table) it(name, () => assert.equal(quantileOf(figures, q), expected));
});

describe('values above a limit', () => {
  const table: readonly (readonly [string, Figures, number, number, number])[] = [
    ['of values', [1, 2, 3, 4], 2, 2, 4],
    ['a value on the limit is not above it', [2, 2], 2, 0, 2],
    ['of a sketch, on a bound', sketch(1, 2, 3, 4), 20, 7, 10],
    ['a bucket in which the limit lies is not above it', sketch(1, 2, 3, 4), 15, 7, 10],
    ['the last bucket has no bound', sketch(1, 2, 3, 4), 50, 4, 10],
    ['nobody knows what is above more than all bounds', sketch(1, 2, 3, 4), 60, 0, 10],
  ];
  for (const [name, figures, limit, events, exposure] of table)
    it(name, () => assert.deepEqual(countAbove(figures, limit), { events, exposure }));

  it('the limit that sketches can tell is the next bound; of values it is the limit itself', () => {
    assert.equal(limitIn([sketch(1), [3]], 15), 20);
    assert.equal(limitIn([sketch(1)], 20), 20);
    assert.equal(limitIn([sketch(1)], 51), Number.POSITIVE_INFINITY);
    assert.equal(limitIn([[3]], 15), 15);
  });

  it('a sketch says the same as its values, at the limit that it can tell', () => {
    const values = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 49 }), (found, limit) => {
        const counts = [0, 10, 20, 50].map((low, index) => {
          const high = [10, 20, 50, Number.POSITIVE_INFINITY][index] ?? 0;
          return found.filter((value) => (index === 0 || value > low) && value <= high).length;
        });
        const told = limitIn([sketch(...counts)], limit);
        assert.deepEqual(countAbove(sketch(...counts), limit), countAbove(found, told));
      }),
    );
  });
});
