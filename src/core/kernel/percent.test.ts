import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percent } from './percent.ts';

describe('a share as people read it', () => {
  const table: readonly [number, string][] = [
    [0, '0 %'],
    [1e-9, '< 0.1 %'],
    [0.001, '0.1 %'],
    [0.0444, '4.4 %'],
    [0.05, '5 %'],
    [0.0999, '10 %'],
    [0.5, '50 %'],
    [0.9949, '99 %'],
    [0.9999, '> 99 %'],
    [1, '100 %'],
  ];
  for (const [share, expected] of table) it(`${share} is ${expected}`, () => assert.equal(percent(share), expected));
});
