import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatCount } from './figures.ts';

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
