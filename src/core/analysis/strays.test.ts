import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Strays, standingOut } from './strays.ts';

/** So many windows in which each target makes the same step. */
function after(windows: number, steps: readonly (readonly [string, number])[]): Strays {
  const strays = new Strays();
  for (let window = 0; window < windows; window++) strays.take(strays.after(steps));
  return strays;
}

describe('who stands out', () => {
  const sums = (found: Readonly<Record<string, number>>) => new Map(Object.entries(found));
  const table: readonly (readonly [string, Readonly<Record<string, number>>, number, readonly string[]])[] = [
    ['nobody', {}, 10, []],
    ['nobody by a little', { a: 10 }, 10, []],
    ['one, surely', { a: 30 }, 10, ['a']],
    ['the worst first', { a: 30, b: 40 }, 10, ['b', 'a']],
    ['among more it takes more', { a: 20 }, 1000, []],
    ['a third at the most', { a: 30, b: 30, c: 30 }, 10, ['a', 'b', 'c']],
    ['where it is more, it is the others that stand out', { a: 30, b: 30, c: 30, d: 30 }, 10, []],
  ];
  for (const [name, found, among, expected] of table)
    it(name, () => assert.deepEqual(standingOut(sums(found), among), expected));
});

describe('sums of evidence', () => {
  it('grow, never fall below nothing, and are capped so that who has recovered is soon seen to have', () => {
    const strays = after(1000, [
      ['bad', 5],
      ['good', -5],
    ]);
    const now = strays.after([
      ['bad', -50],
      ['good', 3],
    ]);
    assert.deepEqual(
      [...now],
      [
        ['bad', 10],
        ['good', 3],
      ],
    );
  });
  it('of who made no step stay', () => {
    assert.deepEqual([...after(2, [['away', 5]]).after([])], [['away', 10]]);
  });
  it('asking changes nothing; taking does', () => {
    const strays = new Strays();
    strays.after([['a', 5]]);
    assert.ok(strays.isQuiet('a'));
    strays.take(strays.after([['a', 5]]));
    assert.ok(!strays.isQuiet('a'));
  });
  it('who has been out for long is so for good, and begins anew', () => {
    const strays = new Strays();
    const pardons: number[] = [];
    for (let window = 1; window <= 400; window++) {
      if (strays.take(strays.after([['a', 5]]), ['a']).length > 0) pardons.push(window);
    }
    assert.deepEqual(pardons, [361]);
    assert.ok(!after(3, []).isOut('a'));
  });
  it('by chance, one of many that are well is hardly ever taken for a stray', () => {
    // Evidence of harm where there is none, at its wildest: 2 with a probability of one third, else one half. Its mean is 1.
    let [state, found] = [7, 0];
    const chance = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const strays = new Strays();
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    for (let window = 0; window < 10_000; window++) {
      strays.take(strays.after(names.map((name) => [name, chance() < 1 / 3 ? Math.LN2 : -Math.LN2] as const)));
      found += standingOut(strays.after([]), names.length).length;
    }
    assert.equal(found, 0);
  });
});
