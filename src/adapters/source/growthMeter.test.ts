import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { GrowthMeter } from './growthMeter.ts';

type Step = readonly [at: number, series: Readonly<Record<string, number>>, grown: number | null];
const SECOND = 1000;
const LONGEST = 30 * SECOND;

const TABLE: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  [
    'what was there before is no growth',
    [
      [0, { a: 100 }, null],
      [10, { a: 104 }, 4],
    ],
  ],
  [
    'each series counts for itself',
    [
      [0, { a: 1, b: 50 }, null],
      [10, { a: 2, b: 60 }, 11],
    ],
  ],
  [
    'one that falls began anew',
    [
      [0, { a: 100 }, null],
      [10, { a: 3 }, 3],
      [20, { a: 4 }, 1],
    ],
  ],
  [
    'one that is new on a known target began at 0',
    [
      [0, { a: 5 }, null],
      [10, { a: 5, b: 2 }, 2],
    ],
  ],
  [
    'nothing new was read',
    [
      [0, { a: 1 }, null],
      [0, { a: 9 }, null],
      [10, { a: 10 }, 9],
    ],
  ],
  [
    'what runs backwards says nothing',
    [
      [10, { a: 1 }, null],
      [5, { a: 9 }, null],
      [20, { a: 3 }, 2],
    ],
  ],
  [
    'after too long nobody knows when it grew',
    [
      [0, { a: 1 }, null],
      [31, { a: 90 }, null],
      [40, { a: 92 }, 2],
    ],
  ],
  [
    'one that was away for a moment is the same again',
    [
      [0, { a: 10, b: 500 }, null],
      [10, { a: 11 }, 1],
      [20, { a: 11, b: 503 }, 3],
    ],
  ],
  [
    'one that was away for too long counts from where it is',
    [
      [0, { a: 10, b: 500 }, null],
      [20, { a: 10 }, 0],
      [40, { a: 10, b: 900 }, 0],
      [50, { a: 10, b: 901 }, 1],
    ],
  ],
];

for (const [what, steps] of TABLE) {
  it(what, () => {
    const meter = new GrowthMeter();
    for (const [at, series, grown] of steps) {
      const found = meter.grow('target', at * SECOND, new Map(Object.entries(series)), LONGEST);
      assert.equal(found?.count ?? null, grown, `at ${at}`);
    }
  });
}

it('says which time it grew in', () => {
  const meter = new GrowthMeter();
  meter.grow('target', 0, new Map([['a', 0]]), LONGEST);
  assert.deepEqual(meter.grow('target', 15 * SECOND, new Map([['a', 7]]), LONGEST), { count: 7, minutes: 0.25 });
});

it('finds all that a counter has counted, however often it is read and whenever it begins anew', () => {
  const steps = fc.array(fc.record({ more: fc.nat(50), anew: fc.boolean() }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const meter = new GrowthMeter();
      meter.grow('target', 0, new Map([['a', 1000]]), LONGEST);
      let [value, counted, found] = [1000, 0, 0];
      for (const [index, { more, anew }] of all.entries()) {
        // More than it could have been by then would be taken for growth: a counter of which nobody sees that it began anew.
        value = anew && more < value ? more : value + more;
        counted += more;
        found += meter.grow('target', (index + 1) * SECOND, new Map([['a', value]]), LONGEST)?.count ?? 0;
      }
      assert.equal(found, counted);
    }),
  );
});

it('forgets targets that are not read any more', () => {
  const meter = new GrowthMeter();
  meter.grow('target', 0, new Map([['a', 5]]), LONGEST);
  meter.forgetBefore(1);
  assert.equal(meter.grow('target', SECOND, new Map([['a', 9]]), LONGEST), null);
});
