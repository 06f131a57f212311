import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLEET, inRing, REGIONS, RINGS } from './fleetLayout.ts';

test('24 instances with different names, 2 canary, 6 pilot and 16 broad, half of each ring web and half api', () => {
  assert.equal(new Set(FLEET.map(({ name }) => name)).size, 24);
  for (const [ring, count] of [
    ['canary', 2],
    ['pilot', 6],
    ['broad', 16],
  ] as const) {
    assert.equal(inRing(ring).length, count);
    assert.equal(inRing(ring).filter(({ role }) => role === 'web').length, count / 2);
  }
  assert.equal(RINGS.flatMap(inRing).length, 24);
});

test('8 instances in each region, four of each role', () => {
  for (const region of REGIONS) {
    const here = FLEET.filter((instance) => instance.region === region);
    assert.equal(here.length, 8);
    assert.equal(here.filter(({ role }) => role === 'api').length, 4);
  }
});
