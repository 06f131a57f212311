import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Service } from './service.ts';
import type { Target } from './target.ts';
import { ReachSum, type TrafficSource, trafficShares } from './traffic.ts';

const service = (traffic?: TrafficSource): Service => ({
  name: 'shop',
  roles: ['api', 'web'],
  slots: {},
  metrics: { requests: { counter: 'requests_total' } },
  dependsOn: [],
  ...(traffic === undefined ? {} : { traffic }),
});
const target = (uid: string, role = 'web', labels: Record<string, string> = {}): Target => {
  return { uid, name: uid, service: 'shop', role, labels };
};
const METRIC: TrafficSource = { metric: 'requests' };
const LABEL: TrafficSource = { label: 'weight' };

describe('what share of the traffic a target takes', () => {
  const table: readonly [
    why: string,
    TrafficSource | undefined,
    readonly Target[],
    rates: Record<string, number>,
    shares: readonly number[] | null,
    unknown: number,
  ][] = [
    ['nobody says from where it is known', undefined, [target('a')], { a: 5 }, null, 0],
    ['nothing has been heard yet', METRIC, [target('a'), target('b')], {}, null, 0],
    ['nothing but zeros has been heard', METRIC, [target('a'), target('b')], { a: 0, b: 0 }, null, 0],
    ['by the rates of the metric', METRIC, [target('a'), target('b')], { a: 30, b: 10 }, [0.75, 0.25], 0],
    [
      'of which nothing was heard counts as the average',
      METRIC,
      [target('a'), target('b'), target('c')],
      { a: 30, b: 10 },
      [0.5, 1 / 6, 1 / 3],
      1,
    ],
    [
      'each role by itself',
      METRIC,
      [target('a', 'api'), target('b'), target('c')],
      { a: 1, b: 900, c: 100 },
      [1, 0.9, 0.1],
      0,
    ],
    [
      'a role of which nothing was heard is shared out evenly',
      METRIC,
      [target('a', 'api'), target('b', 'api'), target('c')],
      { c: 5 },
      [0.5, 0.5, 1],
      2,
    ],
    [
      'by a label that holds a number',
      LABEL,
      [
        target('a', 'web', { weight: '3' }),
        target('b', 'web', { weight: '0.5' }),
        target('c', 'web', { weight: '0.5' }),
      ],
      { a: 1, b: 1, c: 1 },
      [0.75, 0.125, 0.125],
      0,
    ],
    [
      'a label that holds no number is not known',
      LABEL,
      [
        target('a', 'web', { weight: '-3' }),
        target('b', 'web', { weight: 'NaN' }),
        target('c', 'web', { weight: '2' }),
      ],
      {},
      [1 / 3, 1 / 3, 1 / 3],
      2,
    ],
  ];
  for (const [why, source, targets, rates, shares, unknown] of table) {
    it(why, () => {
      const found = trafficShares(service(source), targets, new Map(Object.entries(rates)));
      if (shares === null) return assert.equal(found, null);
      assert.ok(found !== null);
      targets.forEach((each, index) => {
        assert.ok(Math.abs(found.shareOf(each) - (shares[index] ?? 0)) < 1e-12, each.uid);
      });
      assert.equal(found.unknown, unknown);
    });
  }

  it('the shares of a role always come to one, and what some targets reach never to more', () => {
    const some = fc.array(
      fc.record({ role: fc.constantFrom('api', 'web'), rate: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(some, (specs) => {
        const targets = specs.map(({ role }, index) => target(`t${index}`, role));
        const rates = new Map(
          specs.flatMap(({ rate }, index) => (rate === null ? [] : [[`t${index}`, rate] as const])),
        );
        const shares = trafficShares(service(METRIC), targets, rates);
        if (shares === null) return;
        const byRole = new Map<string, number>();
        const sum = new ReachSum(shares);
        for (const each of targets) {
          assert.ok(shares.shareOf(each) >= 0);
          byRole.set(each.role, (byRole.get(each.role) ?? 0) + shares.shareOf(each));
          sum.add(each);
          const { traffic, share } = sum.reach(targets.length);
          assert.ok(traffic !== null && traffic <= 1 && share <= 1);
        }
        for (const [role, whole] of byRole) assert.ok(Math.abs(whole - 1) < 1e-9, role);
        assert.equal(sum.reach(targets.length).traffic, 1, 'all of it is all of it');
      }),
    );
  });
});
