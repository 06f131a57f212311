import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blame as blameAt, type Fault, HORIZON_MS, type Suspect, type Touch } from './blame.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = 12 * HOUR;

/** Targets are named by their zone: `a1`, `a2`, `b1`. */
const fault = (name: string, at: number | null, service = 'shop'): Fault => ({
  target: name,
  name,
  service,
  at,
  stays: false,
});
const faults = (names: readonly string[], at: number) => names.map((name) => fault(name, at));
const members = (zone: string, count: number) => Array.from({ length: count }, (_, index) => `${zone}${index + 1}`);

function suspect(
  rollout: string,
  reached: readonly string[],
  at: number | readonly number[],
  more: Partial<Suspect> & { through?: Touch['through'] } = {},
): Suspect {
  const { through = 'itself', ...rest } = more;
  const touch: Touch = { at: typeof at === 'number' ? [at] : at, through };
  return {
    rollout,
    touched: new Map(reached.map((name) => [name, touch])),
    share: 0.1,
    backAt: null,
    completed: false,
    ...rest,
  };
}

/** Right after the last fault. */
const blame = (wrong: readonly Fault[], suspects: readonly Suspect[]) =>
  blameAt(wrong, suspects, Math.max(0, ...wrong.map(({ at }) => at ?? 0)));

const summary = (found: ReturnType<typeof blame>) => [
  found.outcome,
  ...found.ranked.map(({ rollout, outcome }) => `${rollout} ${outcome}`),
];

describe('law 13: blame', () => {
  const zoneA = members('a', 5);
  const zoneB = members('b', 5);
  const CASES: readonly (readonly [string, readonly Fault[], readonly Suspect[], readonly string[]])[] = [
    ['no fault', [], [suspect('shop-1', zoneA, NOON)], ['none', 'shop-1 cleared']],
    ['harm everywhere at once, with no rollout', faults([...zoneA, ...zoneB], NOON), [], ['none']],
    [
      'two rollouts in two zones, faults in one: that one',
      faults(zoneA, NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', zoneB, NOON)],
      ['blamed', 'shop-1 blamed', 'pay-1 cleared'],
    ],
    [
      'two rollouts in two zones, faults in both: each for its own',
      [...faults(zoneA, NOON + MINUTE), ...faults(zoneB, NOON + MINUTE)],
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', zoneB, NOON)],
      ['blamed', 'pay-1 blamed', 'shop-1 blamed'],
    ],
    [
      'a probe that breaks fleet-wide, while a canary is out: none',
      [...faults(zoneA, NOON + MINUTE), ...faults(members('b', 50), NOON + MINUTE)],
      [suspect('shop-1', zoneA, NOON, { share: 5 / 55 })],
      ['none', 'shop-1 cleared'],
    ],
    [
      'the same, while a third of the fleet has it: still none',
      [...faults(zoneA, NOON + MINUTE), ...faults(members('b', 10), NOON + MINUTE)],
      [suspect('shop-1', zoneA, NOON, { share: 1 / 3 })],
      ['none', 'shop-1 cleared'],
    ],
    [
      'two that overlap, each with as much of its own: they fit alike',
      faults(members('a', 6), NOON + MINUTE),
      [suspect('pay-1', ['a1', 'a2', 'a3', 'a4'], NOON), suspect('shop-1', ['a3', 'a4', 'a5', 'a6'], NOON)],
      ['contested', 'pay-1 contested', 'shop-1 contested'],
    ],
    [
      'the same targets, there before it came: none',
      faults(zoneA, NOON - MINUTE),
      [suspect('shop-1', zoneA, NOON)],
      ['none', 'shop-1 cleared'],
    ],
    [
      'at the very moment it came counts as after',
      faults(zoneA, NOON),
      [suspect('shop-1', zoneA, NOON)],
      ['blamed', 'shop-1 blamed'],
    ],
    [
      'of two that reached the same targets, the one that came right before',
      faults(zoneA, NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', zoneA, NOON - 3 * HOUR)],
      ['blamed', 'shop-1 blamed', 'pay-1 cleared'],
    ],
    [
      'the same, half an hour apart',
      faults(zoneA, NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', zoneA, NOON - HOUR / 2)],
      ['blamed', 'shop-1 blamed', 'pay-1 cleared'],
    ],
    [
      'of two that came within minutes to the same targets, neither: they fit alike',
      faults(zoneA, NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', zoneA, NOON - 2 * MINUTE)],
      ['contested', 'shop-1 contested', 'pay-1 contested'],
    ],
    [
      'of two that came within minutes, the one that was also where the other never was',
      faults([...zoneA, ...zoneB], NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', [...zoneA, ...zoneB], NOON - MINUTE)],
      ['blamed', 'pay-1 blamed', 'shop-1 cleared'],
    ],
    [
      'what a target needs was changed, and nothing of its own',
      faults(zoneB, NOON + MINUTE),
      [suspect('pay-1', zoneB, NOON, { through: 'needs' }), suspect('shop-1', zoneA, NOON)],
      ['blamed', 'pay-1 blamed', 'shop-1 cleared'],
    ],
    [
      'of what it needs, the last step counts, not the first',
      faults(zoneB, NOON + MINUTE),
      [suspect('pay-1', zoneB, [NOON - 5 * HOUR, NOON, NOON + HOUR], { through: 'needs' })],
      ['blamed', 'pay-1 blamed'],
    ],
    [
      'its own change, and what it needs, at the same time: they fit alike',
      faults(zoneA, NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', zoneA, NOON, { through: 'needs' })],
      ['contested', 'shop-1 contested', 'pay-1 contested'],
    ],
    [
      'the same, and those that only need it are unhealthy too: what they need',
      faults([...zoneA, ...zoneB], NOON + MINUTE),
      [suspect('shop-1', zoneA, NOON), suspect('pay-1', [...zoneA, ...zoneB], NOON, { through: 'needs' })],
      ['blamed', 'pay-1 blamed', 'shop-1 cleared'],
    ],
    [
      'it was gone again when they turned',
      faults(zoneA, NOON + HOUR),
      [suspect('shop-1', zoneA, NOON, { backAt: NOON + 30 * MINUTE })],
      ['none', 'shop-1 cleared'],
    ],
    [
      'it is gone since a moment, and they are not well yet',
      [...faults(zoneA, NOON + MINUTE), fault('c1', NOON + 30 * MINUTE)],
      [suspect('shop-1', zoneA, NOON, { backAt: NOON + 29.5 * MINUTE })],
      ['blamed', 'shop-1 blamed'],
    ],
    [
      'it is gone for a minute and more, and they are still unhealthy: it was not that',
      [...faults(zoneA, NOON + MINUTE), fault('c1', NOON + 30 * MINUTE)],
      [suspect('shop-1', zoneA, NOON, { backAt: NOON + 29 * MINUTE })],
      ['none', 'shop-1 cleared'],
    ],
    [
      'the same, and a change was stopped on them: they stay so, and that says nothing',
      faults(zoneA, NOON + MINUTE)
        .map((each) => ({ ...each, stays: true }))
        .concat(fault('c1', NOON + 30 * MINUTE)),
      [suspect('shop-1', zoneA, NOON, { backAt: NOON + 29 * MINUTE })],
      ['blamed', 'shop-1 blamed'],
    ],
    [
      'a day later it may be chance',
      faults(zoneA, NOON + 20 * HOUR),
      [suspect('shop-1', zoneA, NOON)],
      ['none', 'shop-1 cleared'],
    ],
    [
      'one that was unhealthy before is a bystander among many',
      [...faults(members('a', 9), NOON + MINUTE), fault('a10', NOON - HOUR)],
      [suspect('shop-1', members('a', 10), NOON)],
      ['blamed', 'shop-1 blamed'],
    ],
    [
      'one vote among many vetoes is chance',
      [fault('a1', NOON + MINUTE), ...faults(members('b', 9), NOON - HOUR)],
      [suspect('shop-1', ['a1', ...members('b', 9)], NOON)],
      ['none', 'shop-1 cleared'],
    ],
    [
      'nobody knows since when',
      [fault('a1', null), fault('a2', null)],
      [suspect('shop-1', zoneA, NOON)],
      ['none', 'shop-1 cleared'],
    ],
    [
      'who has reached everybody, hours ago, is not to blame for one that fails',
      [fault('a1', NOON + 2 * HOUR)],
      [suspect('shop-1', zoneA, NOON, { share: 1 })],
      ['none', 'shop-1 cleared'],
    ],
  ];
  for (const [reason, wrong, suspects, expected] of CASES) {
    it(reason, () => assert.deepEqual(summary(blame(wrong, suspects)), expected));
  }

  it('says why, the strongest first, with what speaks against', () => {
    const wrong = [
      ...faults(['a1', 'a2', 'a3'], NOON + 40_000),
      fault('a4', NOON + 3 * MINUTE),
      fault('b1', NOON - HOUR),
      fault('c1', NOON),
    ];
    const found = blame(wrong, [suspect('shop-1', ['a1', 'a2', 'a3', 'a4', 'b1'], NOON, { share: 0.125 })]);
    assert.deepEqual(found.ranked[0]?.reasons, [
      '4 turned unhealthy 40s to 3m after it reached them',
      '1 is where it has never been',
      '1 was unhealthy before it came',
      'it has reached 13 % of its service',
    ]);
    assert.equal(found.ranked[0]?.votes, 4);
    assert.equal(found.ranked[0]?.vetoes, 2);
    assert.equal(
      found.says,
      'of 6 unhealthy targets: shop-1 (4 turned unhealthy 40s to 3m after it reached them) fits',
    );
    const better = blame(faults(['a1', 'b1', 'b2'], NOON + MINUTE), [
      suspect('shop-1', ['a1'], NOON - 20 * MINUTE),
      suspect('pay-1', ['a1', 'b1', 'b2'], NOON, { through: 'needs' }),
    ]);
    assert.deepEqual(better.ranked[1]?.reasons, [
      'pay-1 fits better for 1 that came after it',
      '2 are where it has never been',
      '1 turned unhealthy 21m after it reached them',
      'it has reached 10 % of its service',
    ]);
    const none = blame(faults(members('b', 3), NOON), [suspect('shop-1', zoneA, NOON)]);
    assert.equal(
      none.says,
      '3 unhealthy targets: none of the rollouts fits (shop-1 (3 are where it has never been)); look for a common cause, or for the probe',
    );
  });
});

describe('law 13: whatever happened', () => {
  const names = members('t', 8);
  const at = fc.integer({ min: 0, max: HORIZON_MS });
  const someFaults = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.option(at)), { maxLength: 8, selector: ([name]) => name })
    .map((found) => found.map(([name, when]) => fault(name, when)));
  const touched = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom(...names),
        fc.record({
          at: fc.array(at, { minLength: 1, maxLength: 3 }).map((times) => times.sort((a, b) => a - b)),
          through: fc.constantFrom<Touch['through']>('itself', 'needs', 'neededBy'),
        }),
      ),
      { selector: ([name]) => name },
    )
    .map((entries) => new Map<string, Touch>(entries));
  const someSuspects = fc.uniqueArray(
    fc.record({
      rollout: fc.constantFrom('shop-1', 'pay-1', 'mail-1', 'db-1'),
      touched,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      backAt: fc.option(at),
      completed: fc.boolean(),
    }),
    { maxLength: 4, selector: ({ rollout }) => rollout },
  );

  it('nobody is blamed or contested without a fault after it, where it was', () => {
    fc.assert(
      fc.property(someFaults, someSuspects, (wrong, suspects) => {
        for (const { rollout, outcome, votes } of blame(wrong, suspects).ranked) {
          if (outcome === 'cleared') continue;
          const { touched, backAt } = suspects.find((each) => each.rollout === rollout) as Suspect;
          assert.ok(votes > 0);
          assert.ok(
            wrong.some(({ target, at: when }) => {
              const [first] = touched.get(target)?.at ?? [];
              return when !== null && first !== undefined && first <= when && (backAt === null || when <= backAt);
            }),
          );
        }
      }),
    );
  });

  it('the order in which faults and suspects are given does not matter, and neither does the date', () => {
    fc.assert(
      fc.property(someFaults, someSuspects, fc.integer({ min: -1e9, max: 1e12 }), (wrong, suspects, later) => {
        const found = blame(wrong, suspects);
        assert.deepEqual(summary(blame(wrong.toReversed(), suspects.toReversed())), summary(found));
        const end = Math.max(0, ...wrong.map((each) => each.at ?? 0));
        const moved = blameAt(
          wrong.map((each) => ({ ...each, at: each.at === null ? null : each.at + later })),
          suspects.map((each) => ({
            ...each,
            backAt: each.backAt === null ? null : each.backAt + later,
            touched: new Map(
              [...each.touched].map(([name, touch]) => [name, { ...touch, at: touch.at.map((when) => when + later) }]),
            ),
          })),
          end + later,
        );
        assert.deepEqual(moved, { ...found, since: found.since === null ? null : found.since + later });
      }),
    );
  });

  it('a fault where nobody was never puts the blame on anybody', () => {
    fc.assert(
      fc.property(someFaults, someSuspects, at, (wrong, suspects, when) => {
        const before = blame(wrong, suspects);
        const after = blame([...wrong, fault('elsewhere', when)], suspects);
        const accused = (found: typeof before) =>
          found.ranked.filter(({ outcome }) => outcome !== 'cleared').map(({ rollout }) => rollout);
        for (const rollout of accused(after)) assert.ok(accused(before).includes(rollout));
      }),
    );
  });

  it('is blamed means: most faults are explained, and this one explains its share of them', () => {
    fc.assert(
      fc.property(someFaults, someSuspects, (wrong, suspects) => {
        const found = blame(wrong, suspects);
        assert.equal(
          found.outcome !== 'none',
          found.ranked.some(({ outcome }) => outcome !== 'cleared'),
        );
        const dated = wrong.filter((each) => each.at !== null).length;
        for (const { outcome, votes } of found.ranked) if (outcome !== 'cleared') assert.ok(votes >= 0.2 * dated);
        assert.ok(found.ranked.every(({ score }) => score >= -1 && score < 4));
      }),
    );
  });
});
