import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { leastRejected } from './leastRejected.ts';

it('finds the border from wherever it begins, on the side that is rejected', () => {
  const border = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(border, fc.double({ min: 0.1, max: 100, noNaN: true }), (at, scale) => {
      const found = leastRejected((x) => x >= at, scale);
      assert.ok(found >= at && found - at <= (Math.abs(at) + scale) * 1e-8, `${found} for ${at}`);
    }),
  );
});

it('says Infinity where nothing is ever rejected', () => {
  assert.equal(
    leastRejected(() => false, 1),
    Number.POSITIVE_INFINITY,
  );
});
