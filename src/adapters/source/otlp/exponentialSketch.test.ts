import assert from 'node:assert/strict';
import { it } from 'node:test';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ExponentialHistogramDataPointSchema } from '../../../wire/otlp/generated/metrics_pb.ts';
import { exponentialSketch } from './exponentialSketch.ts';

/** What an SDK would send of these values, by the protocol's own definition of its buckets. */
function pointOf(values: readonly number[], scale: number) {
  const indexOf = (value: number) => Math.ceil(Math.log2(Math.abs(value)) * 2 ** scale) - 1;
  const side = (some: readonly number[]) => {
    const indices = some.map(indexOf);
    const offset = indices.length === 0 ? 0 : Math.min(...indices);
    const bucketCounts = new Array<bigint>(indices.length === 0 ? 0 : Math.max(...indices) - offset + 1).fill(0n);
    for (const index of indices) bucketCounts[index - offset] = (bucketCounts[index - offset] ?? 0n) + 1n;
    return { offset, bucketCounts };
  };
  return create(ExponentialHistogramDataPointSchema, {
    scale,
    count: BigInt(values.length),
    sum: values.reduce((all, each) => all + each, 0),
    zeroCount: BigInt(values.filter((value) => value === 0).length),
    positive: side(values.filter((value) => value > 0)),
    negative: side(values.filter((value) => value < 0)),
  });
}

it('says of every bound how many values are not above it, whatever the scale', () => {
  // Never on a bound, where rounding decides.
  const value = fc.oneof(
    fc.constant(0),
    fc
      .integer({ min: -900, max: 900 })
      .filter((each) => each !== 0)
      .map((each) => each * 0.013371),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), fc.integer({ min: -4, max: 6 }), (values, scale) => {
      const sketch = exponentialSketch(pointOf(values, scale));
      assert.ok(sketch.ok, JSON.stringify(sketch));
      const { bounds, counts } = sketch.value;
      assert.equal(
        counts.reduce((all, each) => all + each, 0),
        values.length,
      );
      let below = 0;
      for (const [index, bound] of bounds.entries()) {
        assert.ok(index === 0 || bound > (bounds[index - 1] ?? bound), 'bounds rise');
        below += counts[index] ?? 0;
        assert.equal(below, values.filter((each) => each <= bound).length, `up to ${bound} of ${values}`);
      }
    }),
  );
});

it('has bounds of one grid, however fine it was sent', () => {
  const fine = exponentialSketch(pointOf([1.3, 2.6, 2.61], 9));
  const coarse = exponentialSketch(pointOf([1.3, 2.6, 2.61], 3));
  assert.deepEqual(fine, coarse);
  // Of each bucket both ends are there, so that nothing is said to lie further away than it may.
  const ends = [3, 4, 11, 12].map((index) => 2 ** (index / 8));
  assert.deepEqual(fine, { ok: true, value: { bounds: ends, counts: [0, 1, 0, 2], sum: 1.3 + 2.6 + 2.61 } });
});

const WRONG: readonly (readonly [what: string, more: object, says: RegExp])[] = [
  ['no sum', { count: 0n }, /without its sum/],
  ['a scale of nobody', { sum: 0, scale: 21 }, /of scale 21/],
  ['buckets that lie', { sum: 0, count: 5n, zeroCount: 4n }, /do not add up to its count/],
  ['zeros without a bound', { sum: 0, zeroThreshold: Number.NaN }, /NaN as the bound of its zeros/],
  [
    'buckets beyond all numbers',
    { sum: 0, count: 1n, positive: { offset: 20_000, bucketCounts: [1n] } },
    /beyond all numbers/,
  ],
  [
    'more buckets than anybody needs',
    { sum: 0, positive: { offset: 0, bucketCounts: new Array(3000).fill(0n) } },
    /of 3000 buckets/,
  ],
];
for (const [what, more, says] of WRONG) {
  it(`is none: ${what}`, () => {
    const sketch = exponentialSketch(create(ExponentialHistogramDataPointSchema, more));
    assert.ok(!sketch.ok);
    assert.match(sketch.error, says);
  });
}
