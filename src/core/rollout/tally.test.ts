import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../kernel/digest.ts';
import type { RecordedEvent } from '../record/event.ts';
import { evolveRollout, type RolloutEvent } from './evolveRollout.ts';
import { CHANGE, digestOf, recorded, rolloutOf, TARGETS } from './fixtures.ts';
import type { Rollout } from './rollout.ts';
import { type SlotStanding, type Standing, tallyOf } from './tally.ts';
import { NAMED_TARGETS } from './tallyBook.ts';

const CANDIDATE = digestOf('a');
const BASELINE = digestOf('b');
const [API, WEB] = TARGETS;
const noGood = () => null;

function standing(
  target: (typeof TARGETS)[number] | undefined,
  slot: Partial<SlotStanding> | null,
  more: Partial<Standing> = {},
): Standing {
  assert.ok(target !== undefined);
  const full: SlotStanding = {
    generation: 2,
    phase: 'settled',
    current: CANDIDATE,
    baseline: BASELINE,
    failed: null,
    failureCode: '',
    failure: '',
    ...slot,
  };
  const slots = slot === null ? null : new Map([['config/shop', full]]);
  return { target, connected: true, lostAt: null, slots, failingChecks: [], ...more };
}

/** The canary stage: its two targets, one of them as given, the other one confirmed. */
function tallyWith(one: Standing, now = 1_000, rollout: Rollout = rolloutOf()) {
  return tallyOf(rollout, [one, standing(WEB, {})], noGood, now);
}

describe('a tally counts each opened target once', () => {
  const table: readonly [string, Standing, number, 'confirmed' | 'underway' | string][] = [
    ['holds the candidate, settled', standing(API, {}), 1_000, 'confirmed'],
    ['law 9: applied but not confirmed yet', standing(API, { phase: 'provisional' }), 1_000, 'underway'],
    ['still holds the old one', standing(API, { current: BASELINE }), 1_000, 'underway'],
    ['holds it, but is cut off now', standing(API, {}, { connected: false, lostAt: 900 }), 1_000, 'underway'],
    ['law 10: cut off beyond the deadline', standing(API, {}, { connected: false, lostAt: 900 }), 20_900, 'silent'],
    ['law 10: connected, and beyond the deadline not begun', standing(API, { current: BASELINE }), 20_000, 'silent'],
    ['law 12: beyond the deadline, and seen to be at it', standing(API, { phase: 'applying' }), 20_000, 'underway'],
    [
      'law 10: beyond the deadline, at something from before the order',
      standing(API, { phase: 'applying', generation: 0 }),
      20_000,
      'silent',
    ],
    ['has not said anything yet', standing(API, null), 1_000, 'underway'],
    ['law 10: never said anything', standing(API, null), 20_000, 'silent'],
    [
      'tried and could not',
      standing(API, { phase: 'failed', current: BASELINE, failureCode: 'verify-failed', failure: 'x' }),
      1_000,
      'verify-failed',
    ],
    [
      'failed, but before this rollout',
      standing(API, { generation: 0, phase: 'failed', current: BASELINE, failureCode: 'verify-failed' }),
      1_000,
      'underway',
    ],
    ['its own checks fail on the candidate', standing(API, {}, { failingChecks: ['alive'] }), 1_000, 'unhealthy'],
    [
      'its own checks fail before the candidate is there',
      standing(API, { current: BASELINE }, { failingChecks: ['alive'] }),
      1_000,
      'underway',
    ],
  ];
  for (const [why, one, now, expected] of table) {
    it(`${why} → ${expected}`, () => {
      const { opened, confirmed, underway, failed, failures } = tallyWith(one, now);
      assert.equal(opened, 2);
      assert.equal(confirmed + underway + failed, 2, 'each exactly once');
      if (expected === 'confirmed') assert.equal(confirmed, 2);
      else if (expected === 'underway') assert.equal(underway, 1);
      else
        assert.deepEqual(
          failures.map((failure) => [failure.target, failure.code]),
          [['shop-0', expected]],
        );
    });
  }

  it('a target that was not connected when the wave opened is not waited for, until it comes', () => {
    const absent = { ...rolloutOf(), absent: new Map([[API?.uid ?? '', 2]]) };
    const away = standing(API, null, { connected: false, lostAt: 0 });
    assert.deepEqual(
      { ...tallyWith(away, 50_000, absent) },
      {
        ...tallyWith(standing(API, {}), 0),
        opened: 1,
        confirmed: 1,
        notBack: 1,
        notBackNames: ['shop-1'],
        absent: 1,
      },
    );
    assert.equal(tallyWith(standing(API, { current: BASELINE }), 1_000, absent).underway, 1, 'it is here: it counts');
  });

  it('a target that has only just been cut off may come back: it is absent, and nobody is sure', () => {
    const unsure = (now: number) =>
      tallyOf(rolloutOf(), [standing(TARGETS[8], null, { connected: false, lostAt: 1_000 })], noGood, now).unsure;
    assert.deepEqual([unsure(1_000), unsure(20_999), unsure(21_000)], [1, 1, 0]);
  });

  it('a target that was told and then lost is never taken for absent', () => {
    const lost = standing(API, { current: BASELINE }, { connected: false, lostAt: 500 });
    assert.equal(tallyWith(lost).absent, 0);
  });

  it('targets of stages that are not open, of other roles and of other services do not count', () => {
    const other = { ...standing(TARGETS[9], {}), target: { ...(TARGETS[9] ?? assert.fail()), service: 'other' } };
    const tally = tallyOf(
      rolloutOf(),
      [standing(API, {}), standing(TARGETS[8], { current: BASELINE }), other],
      noGood,
      0,
    );
    assert.equal(tally.opened, 1);
  });

  it('law 17: counts the untouched, and those of them that are sick', () => {
    const well = standing(TARGETS[8], { current: BASELINE });
    const sick = standing(TARGETS[9], { current: BASELINE }, { failingChecks: ['alive'] });
    const away = standing(TARGETS[10], null, { connected: false, lostAt: 0, failingChecks: ['alive'] });
    const { untouched, untouchedSick } = tallyOf(rolloutOf(), [standing(API, {}), well, sick, away], noGood, 0);
    assert.deepEqual([untouched, untouchedSick], [2, 1]);
  });

  it('names at most so many, and counts all', () => {
    const many = Array.from({ length: NAMED_TARGETS + 10 }, (_, index) => {
      const target = { uid: `${index}`, name: `t${index}`, service: 'shop', role: 'api', labels: { ring: 'canary' } };
      return standing(target, { phase: 'failed', current: BASELINE, failureCode: 'x' });
    });
    const tally = tallyOf(rolloutOf(), many, noGood, 0);
    assert.equal(tally.failed, NAMED_TARGETS + 10);
    assert.equal(tally.failures.length, NAMED_TARGETS);
  });
});

describe('law 7: who is back', () => {
  const ordered = evolveRollout(
    rolloutOf(),
    recorded(7, 1_000, {
      type: 'RollbackOrdered',
      data: { id: 'shop-1', code: 'person', says: '', verdicts: [] },
    }) as RecordedEvent as RolloutEvent,
  );
  const settledBack = { generation: 7, current: BASELINE } as const;
  const table: readonly [string, Standing, boolean][] = [
    ['settled on the baseline after the order', standing(API, settledBack), true],
    ['reverted by itself, and has seen the order', standing(API, { ...settledBack, phase: 'failed' }), true],
    [
      'holds the baseline, but has not seen the order: it may still be about to apply',
      standing(API, { ...settledBack, generation: 2 }),
      false,
    ],
    ['holds the candidate', standing(API, { generation: 7 }), false],
    ['holds something else', standing(API, { generation: 7, current: digestOf('f') }), false],
    [
      'a person there went back further than was ordered',
      standing(API, { generation: 7, phase: 'failed', failureCode: 'taken-back', current: digestOf('f') }),
      true,
    ],
    [
      'a person there took something back, and the candidate is in force all the same',
      standing(API, { generation: 7, phase: 'failed', failureCode: 'taken-back' }),
      false,
    ],
    ['is on its way', standing(API, { ...settledBack, phase: 'reverting' }), false],
    ['is not heard of', standing(API, settledBack, { connected: false, lostAt: 0 }), false],
    ['has not said anything since the restart', standing(API, null), false],
  ];
  for (const [why, one, back] of table) {
    it(`${back ? 'back' : 'not back'}: ${why}`, () => {
      const tally = tallyOf(ordered, [one], noGood, 2_000);
      assert.deepEqual(tally.notBackNames, back ? [] : ['shop-0']);
    });
  }

  it('a target that was never opened but holds the candidate is not back either', () => {
    assert.equal(tallyOf(ordered, [standing(TARGETS[8], { generation: 7 })], noGood, 0).notBack, 1);
    assert.equal(tallyOf(ordered, [standing(TARGETS[8], { current: BASELINE })], noGood, 0).notBack, 0);
    assert.equal(tallyOf(ordered, [standing(TARGETS[8], null)], noGood, 0).notBack, 0);
  });

  it('with a last known good, that is what back means', () => {
    const good: Digest = digestOf('9');
    const isBack = (current: Digest) =>
      tallyOf(ordered, [standing(API, { generation: 7, current })], () => good, 0).notBack === 0;
    assert.deepEqual([isBack(good), isBack(BASELINE), isBack(CANDIDATE)], [true, false, false]);
    assert.equal(CHANGE.slots['config/shop'], CANDIDATE);
  });
});

describe('law 23: who refuses is neither done, nor silent, nor failed', () => {
  const refusal = { code: 'never-first', says: 'not here' };

  it('and is counted with the reason', () => {
    const refusing = standing(API, { current: BASELINE, refusal });
    const { opened, confirmed, underway, failed, refused, refusals } = tallyWith(refusing, 900_000);
    assert.deepEqual(
      { opened, confirmed, underway, failed, refused },
      { opened: 2, confirmed: 1, underway: 0, failed: 0, refused: 1 },
    );
    assert.deepEqual(refusals, [{ code: 'never-first', count: 1, target: 'shop-0', says: 'not here' }]);
  });

  it('also where nothing was opened for it; but not what it said of an earlier rollout, nor once it cannot be heard', () => {
    const counted = (one: Standing) => tallyOf(rolloutOf(), [one], noGood, 1_000).refused;
    assert.equal(counted(standing(TARGETS[8], { current: BASELINE, refusal })), 1);
    assert.equal(counted(standing(TARGETS[8], { current: BASELINE, refusal, generation: 0 })), 0);
    assert.equal(counted(standing(TARGETS[8], { refusal }, { connected: false, lostAt: 0 })), 0);
  });
});
