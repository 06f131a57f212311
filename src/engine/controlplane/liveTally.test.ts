import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../../core/kernel/digest.ts';
import { evolveRollout, type RolloutEvent } from '../../core/rollout/evolveRollout.ts';
import { CHANGE, digestOf, recorded, rolloutOf, TARGETS } from '../../core/rollout/fixtures.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { type SlotStanding, type Standing, tallyOf } from '../../core/rollout/tally.ts';
import type { Target } from '../../core/topology/target.ts';
import { LiveTally } from './liveTally.ts';

const SLOT = 'config/shop';

/** A fleet as plain data, and how often somebody looked at one of its targets. */
class ModelFleet {
  readonly known = new Map<string, Standing>();
  looks = 0;

  targets(): Iterator<Target> {
    return [...this.known.values()].map(({ target }) => target).values();
  }

  of(uid: string): Standing | null {
    this.looks++;
    return this.known.get(uid) ?? null;
  }
}

const slotStanding: fc.Arbitrary<SlotStanding> = fc.record({
  generation: fc.constantFrom(0, 1, 5, 50),
  phase: fc.constantFrom('settled', 'provisional', 'reverting', 'failed'),
  current: fc.constantFrom(CHANGE.slots[SLOT] ?? null, digestOf('b')),
  baseline: fc.constant(digestOf('b')),
  failed: fc.constant(null),
  failureCode: fc.constant('verify-failed'),
  failure: fc.constant('it does not hold it'),
});

const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('heard' as const),
      index: fc.nat(5),
      slot: fc.option(slotStanding),
      sick: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constantFrom('lost', 'retired'), index: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('time' as const), by: fc.integer({ min: 0, max: 25_000 }) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('time' as const), by: fc.integer({ min: -60_000, max: -1 }) }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constantFrom('wave', 'rehearsal', 'bake', 'rollback', 'good') }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('count' as const), most: fc.nat(6) }) },
);

function ordered(rollout: Rollout, is: string, position: number, at: number): Rollout {
  const { id } = rollout;
  const stage = (rollout.stage + (position % 2)) % rollout.pipeline.stages.length;
  const absent = TARGETS.slice(position % 5, 3).map(({ uid }) => uid);
  const events: Record<string, Parameters<typeof recorded>[2]> = {
    wave: { type: 'WaveOpened', data: { id, stage, wave: 0, below: position % 3 === 0 ? 0.5 : 1, absent } },
    rehearsal: { type: 'RehearsalStarted', data: { id } },
    bake: { type: 'BakeStarted', data: { id, stage: rollout.stage } },
    rollback: { type: 'RollbackOrdered', data: { id, code: 'person', says: '', verdicts: [] } },
  };
  const event = events[is];
  return event === undefined ? rollout : evolveRollout(rollout, recorded(position, at, event) as RolloutEvent);
}

describe('a live tally', () => {
  it('is what counting everybody anew would give, after anything that may happen, in any order and at any time', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80, size: 'max' }), (story) => {
        const fleet = new ModelFleet();
        let rollout = rolloutOf();
        let good: Digest | null = null;
        let now = 100_000;
        let position = 2;
        const lastKnownGood = () => good;
        const live = new LiveTally(
          rollout,
          { targets: () => fleet.targets(), of: (uid) => fleet.of(uid) },
          lastKnownGood,
          now,
        );
        for (const each of story) {
          const target = 'index' in each ? TARGETS[each.index] : undefined;
          if (each.is === 'time') now += each.by;
          else if (each.is === 'count') live.countOn(each.most, now);
          else if (target === undefined) {
            position++;
            if (each.is === 'good') good = good === null ? digestOf('9') : null;
            rollout = ordered(rollout, each.is, position, now);
            live.follow(rollout, now);
          } else {
            if (each.is === 'retired') fleet.known.delete(target.uid);
            else if (each.is === 'heard') {
              const slots = each.slot === null ? null : new Map([[SLOT, each.slot]]);
              const failingChecks = each.sick ? ['alive'] : [];
              fleet.known.set(target.uid, { target, connected: true, lostAt: null, slots, failingChecks });
            } else {
              const before = fleet.known.get(target.uid);
              const lost = before?.connected === false ? before.lostAt : now;
              const { slots = null, failingChecks = [] } = before ?? {};
              fleet.known.set(target.uid, { target, connected: false, lostAt: lost, slots, failingChecks });
            }
            live.heard(target.uid, now);
          }
          if (live.countOn(0, now))
            assert.deepEqual(live.tally(now), tallyOf(rollout, fleet.known.values(), lastKnownGood, now));
        }
        live.countOn(Number.POSITIVE_INFINITY, now);
        assert.deepEqual(live.tally(now), tallyOf(rollout, fleet.known.values(), lastKnownGood, now));
      }),
      { numRuns: 500 },
    );
  });

  it('looks at one target when one is heard of, at none when a rollback is ordered, and at no more than asked for after that', () => {
    const fleet = new ModelFleet();
    const slot = { generation: 1, phase: 'settled', current: CHANGE.slots[SLOT] ?? null, baseline: null } as const;
    const slots = new Map([[SLOT, { ...slot, failed: null, failureCode: '', failure: '' }]]);
    for (let index = 0; index < 5_000; index++) {
      const target = { uid: `${index}`, name: `t${index}`, service: 'shop', role: 'web', labels: { ring: 'canary' } };
      fleet.known.set(target.uid, { target, connected: true, lostAt: null, slots, failingChecks: [] });
    }
    const rollout = rolloutOf();
    const live = new LiveTally(rollout, { targets: () => fleet.targets(), of: (uid) => fleet.of(uid) }, () => null, 0);
    live.countOn(Number.POSITIVE_INFINITY, 0);
    assert.equal(live.tally(0).confirmed, 5_000);
    const looksOf = (act: () => unknown) => {
      fleet.looks = 0;
      act();
      return fleet.looks;
    };
    assert.equal(
      looksOf(() => live.tally(1)),
      0,
    );
    assert.equal(
      looksOf(() => live.heard('7', 1)),
      1,
    );
    const rollingBack = ordered(rollout, 'rollback', 9, 1);
    assert.equal(
      looksOf(() => live.follow(rollingBack, 1)),
      0,
    );
    assert.equal(live.tally(1).notBack, 5_000, 'the tally of the moment before stands until all are counted');
    assert.equal(
      looksOf(() => live.countOn(1_000, 1)),
      1_000,
    );
    assert.equal(
      looksOf(() => live.follow({ ...rollingBack, stragglers: ['t1'] }, 1)),
      0,
      'that orders nothing else',
    );
    assert.equal(
      looksOf(() => live.countOn(10_000, 1)),
      4_000,
    );
    assert.equal(live.tally(1).notBack, 5_000);
  });

  it('looks only at those whom an order may concern: at nobody when a bake begins, at the opened ones when they are to go back', () => {
    const fleet = new ModelFleet();
    for (let index = 0; index < 2_000; index++) {
      const ring = index < 3 ? 'canary' : 'broad';
      const target = { uid: `${index}`, name: `t${index}`, service: 'shop', role: 'web', labels: { ring } };
      const slot = {
        generation: 1,
        phase: 'settled',
        current: index < 3 ? (CHANGE.slots[SLOT] ?? null) : null,
      } as const;
      const slots = new Map([[SLOT, { ...slot, baseline: null, failed: null, failureCode: '', failure: '' }]]);
      fleet.known.set(target.uid, { target, connected: true, lostAt: null, slots, failingChecks: [] });
    }
    const rollout = rolloutOf();
    const live = new LiveTally(rollout, { targets: () => fleet.targets(), of: (uid) => fleet.of(uid) }, () => null, 0);
    live.countOn(Number.POSITIVE_INFINITY, 0);
    const looksAfter = (next: Rollout) => {
      fleet.looks = 0;
      live.follow(next, 1);
      live.countOn(Number.POSITIVE_INFINITY, 1);
      return fleet.looks;
    };
    const baking = ordered(rollout, 'bake', 8, 1);
    assert.equal(looksAfter(baking), 0);
    assert.equal(looksAfter(ordered(baking, 'rollback', 9, 1)), 3);
    assert.deepEqual([live.tally(1).notBack, live.tally(1).untouched], [3, 1_997]);
  });
});
