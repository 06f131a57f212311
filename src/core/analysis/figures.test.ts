import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatCount, formatPoints, formatShare } from './figures.ts';

it('counts are grouped by thousands', () => {
  const table: readonly (readonly [number, string])[] = [
    [0, '0'],
    [412, '412'],
    [5210, '5,210'],
    [1_234_567.25, '1,234,567.3'],
    [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
  ];
  for (const [count, says] of table) assert.equal(formatCount(count), says);
});

it('shares have two digits below ten percent, one decimal above, and never round to all or nothing', () => {
  const table: readonly (readonly [number, number, string])[] = [
    [0, 5210, '0 %'],
    [5, 5210, '0.096 %'],
    [33, 412, '8 %'],
    [51, 412, '12.4 %'],
    [1, 3, '33.3 %'],
    [9999, 10_000, '99.9 %'],
    [10_000, 10_000, '100 %'],
  ];
  for (const [part, whole, says] of table) assert.equal(formatShare(part, whole), says);
});

it('points are rounded away from the claim', () => {
  assert.equal(formatPoints(0.041_49, 'down'), '4.14');
  assert.equal(formatPoints(0.041_41, 'up'), '4.15');
  assert.equal(formatPoints(-0.041_41, 'down'), '-4.15');
  assert.equal(formatPoints(0.02, 'up'), '2');
  assert.equal(formatPoints(0.000_05, 'nearest'), '0.005');
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (difference) => {
      assert.ok(Number(formatPoints(difference, 'down')) <= difference * 100 + 1e-8);
      assert.ok(Number(formatPoints(difference, 'up')) >= difference * 100 - 1e-8);
    }),
  );
});
