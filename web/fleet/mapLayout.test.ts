import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOut, placeOf, rowAt } from './mapLayout.ts';

const groupsOf = (sizes: readonly number[]) => {
  let next = 0;
  return sizes.map((size, index) => ({ label: `group ${index}`, rows: Array.from({ length: size }, () => next++) }));
};

test('every target has a place of its own, within the width, and is found there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 60, max: 1400 }),
      (sizes, width) => {
        const groups = groupsOf(sizes);
        const layout = layOut(groups, width, 400);
        for (const row of groups.flatMap(({ rows }) => rows)) {
          const place = placeOf(layout, row);
          assert.ok(place !== null && place.x >= 0 && place.x + layout.cell <= width + 1e-6);
          assert.equal(rowAt(layout, place.x + layout.cell / 2, place.y + layout.cell / 2), row);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('cells are as large as fits and never larger than a hand needs; where not even the smallest fit, the map is higher', () => {
  assert.equal(layOut(groupsOf([3]), 1000, 400).cell, 26);
  const large = layOut(groupsOf([100_000]), 1200, 400);
  assert.ok(large.cell > 2 && large.cell < 2.3 && large.height <= 400, JSON.stringify([large.cell, large.height]));
  const most = layOut(groupsOf([100_000]), 100, 400);
  assert.deepEqual([most.cell, most.height > 1000], [1, true]);
});

test('between targets there is nobody', () => {
  const layout = layOut(groupsOf([2, 2]), 400, 400);
  assert.equal(rowAt(layout, 5, 5), null, 'on a heading');
  assert.equal(rowAt(layout, 399, 30), null, 'right of the last');
  assert.equal(placeOf(layout, 99), null);
});
