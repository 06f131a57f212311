import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { goFloat } from './goFloat.ts';

// What Go 1.26 prints with strconv.FormatFloat(value, 'g', -1, 64).
// biome-ignore format: a table
const WRITTEN: readonly (readonly [value: number, written: string])[] = [
  [0, '0'], [-0, '-0'], [1, '1'], [0.005, '0.005'], [100000, '100000'], [999999, '999999'], [1e6, '1e+06'], [1.5e6, '1.5e+06'],
  [1234567.5, '1.2345675e+06'], [104857600, '1.048576e+08'], [0.0001, '0.0001'], [0.00001, '1e-05'], [2.5e-7, '2.5e-07'], [1e21, '1e+21'],
  [-1e7, '-1e+07'], [1e100, '1e+100'], [Infinity, '+Inf'], [-Infinity, '-Inf'], [NaN, 'NaN'],
];

it('numbers are written as Go writes them', () => {
  for (const [value, written] of WRITTEN) assert.equal(goFloat(value), written);
});

it('and are read back as what they were', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(goFloat(value)), value);
    }),
  );
});
