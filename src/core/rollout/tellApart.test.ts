import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Blame, SuspectState, SuspicionOutcome } from '../analysis/blame.ts';
import type { Neighbours } from '../policy/pipeline.ts';
import type { Assessment } from './assessment.ts';
import { COMMON_CAUSE_MS } from './commonCause.ts';
import { assess, decide } from './decisions.ts';
import { after, assessment, pipeline, rolloutOf, stage, tally, verdict } from './fixtures.ts';
import type { Rollout } from './rollout.ts';
import { sayRollout } from './sayRollout.ts';
import { CONTESTED_MS } from './tellApart.ts';

/* Law 13: what comes of blame. shop-1 is the rollout that is decided; pay-1 runs beside it, on a service that it needs. */

const SINCE = 20_000;
const SURE = SINCE + COMMON_CAUSE_MS;

const blameOf = (shop: SuspicionOutcome, pay: SuspicionOutcome, votes = 3): Blame => {
  const of = (rollout: string, outcome: SuspicionOutcome) => {
    return {
      rollout,
      outcome,
      state: 'under-way' as const,
      score: 1,
      votes: outcome === 'cleared' ? 0 : votes,
      vetoes: 0,
      reasons: [],
    };
  };
  const outcomes = [shop, pay];
  return {
    outcome: outcomes.includes('contested') ? 'contested' : outcomes.includes('blamed') ? 'blamed' : 'none',
    says: `shop-1 ${shop}, pay-1 ${pay}`,
    faults: 3,
    since: SINCE,
    ranked: [of('shop-1', shop), of('pay-1', pay)],
  };
};

const through = (neighbours: Neighbours | null) => pipeline(neighbours === null ? {} : { neighbours });
const rolling = (neighbours: Neighbours | null = 'tellApart') =>
  after(rolloutOf(through(neighbours)), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);

const unhealthy = { target: 'shop-0', code: 'unhealthy', says: 'its own checks fail: alive' };
/** Its own target fails by its checks; untouched ones had the time to notice the same, and are well. */
const failing = (more: Partial<Assessment> = {}) =>
  assess({ tally: tally({ confirmed: 1, failed: 1, failures: [unhealthy] }), ...more });
const known = (rollout: Rollout): Rollout => ({ ...rollout, failedCount: 1, failedSince: 0 });

describe('law 13: harm is told apart', () => {
  const CASES: readonly (readonly [SuspicionOutcome, SuspicionOutcome, string, string])[] = [
    ['cleared', 'blamed', 'HoldRaised harm-beside', 'by the doing of the other: it holds, and the other goes back'],
    ['cleared', 'contested', 'HoldRaised harm-beside', 'nobody knows whose doing: it holds'],
    ['contested', 'contested', 'HoldRaised harm-contested', 'its own or the other: it holds'],
    ['blamed', 'cleared', 'RollbackOrdered target-failed', 'its own: it goes back at once, as without neighbours'],
    ['cleared', 'cleared', 'RollbackOrdered target-failed', 'of nobody that is known: its own targets are what counts'],
  ];
  for (const [shop, pay, expected, reason] of CASES) {
    it(`its own targets are unhealthy, ${reason}`, () => {
      const decided = decide(known(rolling()), failing({ blame: blameOf(shop, pay) }), SURE);
      assert.equal(decided.says[0], expected);
      if (expected.startsWith('Hold')) assert.equal(decided.says.length, 1, 'and nothing else moves');
    });
  }

  it('harm elsewhere that is given to it holds it at once, and takes it back when everybody had the time to notice the same', () => {
    const blame = blameOf('blamed', 'cleared');
    const held = decide(rolling(), assess({ blame }), SURE - 1);
    assert.deepEqual(held.says, ['HoldRaised blamed']);
    assert.match(sayRollout(held.rollout, assessment({ blame }), SURE - 1), /shop-1 blamed, pay-1 cleared/);
    const back = decide(held.rollout, assess({ blame }), SURE);
    assert.deepEqual(back.says, ['RollbackOrdered blamed'], 'and nothing is said of the bytes: no quarantine');
    assert.match(back.rollout.rollback?.says ?? '', /shop-1 blamed/);
  });

  it('it goes on when another cause is found, or all are well', () => {
    const held = decide(rolling(), assess({ blame: blameOf('blamed', 'cleared') }), SURE - 1).rollout;
    assert.deepEqual(decide(held, assess({ blame: blameOf('cleared', 'cleared') }), SURE).says.slice(0, 1), [
      'HoldLifted blamed',
    ]);
    assert.deepEqual(decide(held, assess(), SURE).says, ['HoldLifted blamed', 'StagePassed', 'WaveOpened 1.0']);
  });

  it('one that is cleared and well goes on, whatever the other did', () => {
    assert.deepEqual(decide(rolling(), assess({ blame: blameOf('cleared', 'blamed') }), SURE).says, [
      'StagePassed',
      'WaveOpened 1.0',
    ]);
  });

  it('what its stage tolerates is tolerated elsewhere too', () => {
    const tolerant = pipeline({
      neighbours: 'tellApart',
      stages: [stage('canary', { tolerateFailures: 3 }), stage('pilot')],
    });
    const baking = after(rolloutOf(tolerant), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);
    const three = assess({ blame: blameOf('blamed', 'cleared', 3) });
    assert.deepEqual(decide(baking, three, SURE).says, ['StagePassed', 'WaveOpened 1.0']);
    assert.deepEqual(decide(baking, assess({ blame: blameOf('blamed', 'cleared', 4) }), SURE).says, [
      'RollbackOrdered blamed',
    ]);
  });

  it('guardrails, applies that fail and silence are nobody else’s doing', () => {
    const others = blameOf('cleared', 'blamed');
    const guardrail = assess({ verdicts: [[verdict('fail')]], blame: others });
    assert.equal(decide(rolling(), guardrail, SURE).says[0], 'RollbackOrdered guardrail-failed');
    for (const code of ['apply-failed', 'silent']) {
      const broken = tally({ confirmed: 1, failed: 1, failures: [{ ...unhealthy, code }] });
      const { rollout } = decide(known(rolling()), assess({ tally: broken, blame: others }), SURE);
      assert.equal(rollout.phase, 'rollingBack');
    }
  });

  it('where neighbours are serialised, blame decides nothing', () => {
    for (const neighbours of [null, 'serialise'] as const) {
      const alone = (input: ReturnType<typeof assess>) => decide(known(rolling(neighbours)), input, SURE).says;
      assert.equal(alone(failing({ blame: blameOf('cleared', 'blamed') }))[0], 'RollbackOrdered target-failed');
      assert.deepEqual(alone(assess({ blame: blameOf('blamed', 'cleared') })), ['StagePassed', 'WaveOpened 1.0']);
    }
  });

  it('a person does not promote what is accused', () => {
    const manual = pipeline({
      neighbours: 'tellApart',
      stages: [stage('canary', { promote: 'manual' }), stage('pilot')],
    });
    const ready: Rollout = { ...rolloutOf(manual), phase: 'ready' };
    for (const blame of [blameOf('blamed', 'cleared'), blameOf('contested', 'contested')]) {
      const asked = { type: 'promote', assessment: assessment({ blame }) } as const;
      assert.deepEqual(decide(ready, asked, SINCE).says, ['refused not-possible-now']);
    }
  });

  it('what stays contested is found out: the one that fits best goes back, the others wait until it is gone', () => {
    const contested = blameOf('contested', 'contested');
    const reversed: Blame = { ...contested, ranked: contested.ranked.toReversed() };
    const payIs = (state: SuspectState): Blame => ({
      ...contested,
      ranked: contested.ranked.map((each) => (each.rollout === 'pay-1' ? { ...each, state } : each)).toReversed(),
    });
    const held = decide(rolling(), assess({ blame: contested }), SINCE).rollout;
    const later = (blame: Blame, now = SINCE + CONTESTED_MS) => decide(held, assess({ blame }), now);
    assert.deepEqual(later(contested, SINCE + CONTESTED_MS - 1).says, []);
    assert.deepEqual(later(contested).says, ['RollbackOrdered blamed']);
    assert.match(later(contested).rollout.rollback?.says ?? '', /goes back first, to find out/);
    assert.deepEqual(later(reversed).says, [], 'the other one fits better, or is going back already');
    assert.deepEqual(later(payIs('completed')).says, ['RollbackOrdered blamed'], 'nothing to take back there');
    assert.deepEqual(later(payIs('back')).says, [], 'the other one is just gone: what comes of it is waited for');
    const after = { ...payIs('back'), ranked: payIs('back').ranked.toReversed() };
    assert.deepEqual(later(after).says, [], 'however they are ranked');
  });

  it('held by it for too long, it goes back: nothing waits for ever', () => {
    const unclear = {
      blame: { ...blameOf('contested', 'contested'), ranked: blameOf('contested', 'contested').ranked.toReversed() },
    };
    const held = decide(rolling(), assess(unclear), SINCE).rollout;
    assert.deepEqual(decide(held, assess(unclear), SINCE + 600_000).says, ['RollbackOrdered held-too-long']);
  });

  it('law 17: the hold of all red says what blame says, whatever the pipeline says of neighbours', () => {
    const red = tally({ confirmed: 1, failed: 1, failures: [unhealthy], untouched: 12, untouchedSick: 12 });
    for (const neighbours of ['serialise', 'tellApart'] as const) {
      const blame = { ...blameOf('cleared', 'cleared'), says: '13 unhealthy targets: none of the rollouts fits' };
      const held = decide(known(rolling(neighbours)), assess({ tally: red, blame }), SURE).rollout;
      assert.deepEqual(held.holds, ['all-red']);
      assert.match(
        sayRollout(held, assessment({ tally: red, blame }), SURE),
        /suspect the probe .*: 13 unhealthy targets: none/,
      );
    }
  });

  it('law 22: whoever is cleared never goes back by blame, whoever is blamed never goes forward', () => {
    const outcomes = fc.constantFrom<SuspicionOutcome>('blamed', 'contested', 'cleared');
    fc.assert(
      fc.property(outcomes, outcomes, fc.boolean(), fc.integer({ min: 0, max: 200_000 }), (shop, pay, fails, now) => {
        const blame = blameOf(shop, pay);
        const input = fails ? failing({ blame }) : assess({ blame });
        const { says } = decide(known(rolling()), input, now);
        const forward = says.some((each) => each.startsWith('WaveOpened') || each === 'StagePassed');
        if (shop === 'cleared') assert.ok(!says.includes('RollbackOrdered blamed'));
        if (shop !== 'cleared') assert.ok(!forward);
        if (shop === 'cleared' && blame.outcome !== 'none')
          assert.ok(!says.some((each) => each.startsWith('Rollback')));
      }),
    );
  });
});
