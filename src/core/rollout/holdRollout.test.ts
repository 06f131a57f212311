import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Assessment } from './assessment.ts';
import type { RolloutInput } from './decideRollout.ts';
import { decideRollout } from './decideRollout.ts';
import { assess, decide, inPhase } from './decisions.ts';
import { after, assessment, tally, verdict } from './fixtures.ts';
import type { HoldReason } from './hold.ts';
import type { Rollout, RolloutPhase } from './rollout.ts';

describe('a rollout holds itself', () => {
  const passes = [verdict('pass', { role: 'web' })];
  const table: readonly [HoldReason, RolloutPhase, Partial<Assessment>, number][] = [
    ['line-halted', 'rolling', { lineHalted: true }, 1_000],
    ['line-halted', 'ready', { lineHalted: true }, 1_000],
    ['no-targets-connected', 'rolling', { tally: tally({ opened: 0, confirmed: 0 }) }, 1_000],
    ['awaiting-promotion', 'ready', {}, 1_000],
    ['too-little-exposure', 'baking', { exposure: { api: 3, web: 100 } }, 60_000],
    ['inconclusive', 'baking', { verdicts: [[...passes, verdict('inconclusive')]] }, 60_000],
    ['no-data', 'baking', { verdicts: [[...passes, verdict('no-data')]] }, 60_000],
    ['no-data', 'baking', { verdicts: [passes] }, 60_000],
    ['check-error', 'baking', { verdicts: [[...passes, verdict('error')]] }, 60_000],
  ];
  for (const [reason, phase, more, now] of table) {
    it(`${reason} while ${phase}; lifts by itself when its cause is gone`, () => {
      const held = decide(inPhase[phase](), assess(more), now);
      assert.ok(held.says.includes(`HoldRaised ${reason}`), held.says.join());
      assert.ok(
        !held.says.some((event) => event.startsWith('WaveOpened') || event === 'BakeStarted'),
        'and nothing else moves',
      );
      assert.deepEqual(decide(held.rollout, assess(more), now + 1).says, [], 'said once');
      if (reason === 'awaiting-promotion') return;
      assert.ok(decide(held.rollout, assess(), now + 2).says.includes(`HoldLifted ${reason}`));
    });
  }

  it('for several reasons at once, and says all of them', () => {
    const both = assess({
      lineHalted: true,
      verdicts: [[...passes, verdict('no-data')]],
      exposure: { api: 0, web: 100 },
    });
    const { rollout } = decide(inPhase.baking(), both, 60_000);
    assert.deepEqual([...rollout.holds].sort(), ['line-halted', 'no-data', 'too-little-exposure']);
  });

  it('law 2: resume does not put evidence where there is none', () => {
    const held = decide(inPhase.baking(), assess({ verdicts: [] }), 60_000).rollout;
    assert.deepEqual(decide(held, { type: 'resume' }, 60_001).says, ['refused no-evidence']);
  });

  it('every hold has an end: held too long goes back', () => {
    const held = decide(inPhase.ready(), assess(), 1_000).rollout;
    assert.deepEqual(decide(held, assess(), 600_999).says, []);
    assert.deepEqual(decide(held, assess(), 601_000).says, ['RollbackOrdered held-too-long']);
  });

  it('a pause has an end: it becomes a hold, and then goes back', () => {
    const paused = decide(inPhase.baking(), { type: 'pause', reason: 'lunch' }, 0).rollout;
    assert.deepEqual(decide(paused, assess(), 50_000).says, [], 'paused: nothing is promoted');
    const expired = decide(paused, assess(), 300_000);
    assert.deepEqual(expired.says, ['HoldRaised pause-expired']);
    assert.deepEqual(decide(expired.rollout, assess(), 900_000).says, ['RollbackOrdered held-too-long']);
    assert.deepEqual(decide(paused, { type: 'resume' }, 1).says, ['RolloutResumed']);
  });

  it('a promotion is refused while the line is halted or a person has paused it', () => {
    const promote = (lineHalted: boolean): RolloutInput => ({
      type: 'promote',
      assessment: assessment({ lineHalted }),
    });
    assert.deepEqual(decide(inPhase.ready(), promote(true), 1).says, ['refused line-halted']);
    const paused = decide(inPhase.ready(), { type: 'pause', reason: '' }, 0).rollout;
    assert.deepEqual(decide(paused, promote(false), 1).says, ['refused not-possible-now']);
  });
});

describe('laws 2 and 23: the gate closes on permits that are refused and evidence that is not good any more', () => {
  const refusals = [{ code: 'never-first', count: 2, target: 'shop-7', says: 'not here' }];
  const refusing = tally({ refused: 2, refusals });

  it('refused permits hold, name how many and why, and lift when nobody refuses any more', () => {
    const { says, rollout } = decide(inPhase.rolling(), assess({ tally: refusing }), 1_000);
    assert.deepEqual(says, ['HoldRaised permit-refused']);
    const raised = decideRollout(inPhase.rolling(), assess({ tally: refusing }), 1_000);
    assert.ok(raised.ok && raised.value[0]?.type === 'HoldRaised');
    assert.equal(raised.value[0].data.says, '2 targets refuse the permit: 2 never-first (shop-7: not here)');
    assert.deepEqual(decide(rollout, assess(), 2_000).says, ['HoldLifted permit-refused', 'BakeStarted']);
  });

  it('nobody promotes over them', () => {
    const promote = { type: 'promote', assessment: assessment({ tally: refusing }) } as const;
    assert.deepEqual(decide(inPhase.ready(), promote, 1_000).says, ['refused no-evidence']);
  });

  it('law 23: a record that opens another part of the fleet than was signed opens nothing more, whoever asks', () => {
    const forgotten = (rollout: Rollout): Rollout => ({
      ...rollout,
      permitted: rollout.openings,
      openings: rollout.openings.map((opening) => ({ ...opening, targets: {} })),
    });
    const { says, rollout } = decide(forgotten(inPhase.rolling()), assess(), 1_000);
    assert.deepEqual(says, ['HoldRaised record-contradicts']);
    const asked = { type: 'promote', assessment: assessment() } as const;
    assert.deepEqual(decide(forgotten(inPhase.ready()), asked, 1_000).says, ['refused no-evidence']);
    assert.deepEqual(
      decide(rollout, { type: 'resume' }, 2_000).says,
      ['refused no-evidence'],
      'nobody can vouch for it',
    );
    assert.deepEqual(decide(rollout, { type: 'rollback', reason: '' }, 2_000).says, ['RollbackOrdered person']);
    const restored = { ...rollout, openings: inPhase.rolling().openings };
    assert.deepEqual(decide(restored, assess(), 2_000).says, ['HoldLifted record-contradicts', 'BakeStarted']);
  });

  const anHour = { evidenceValidMs: 3_600_000, heldDeadlineMs: 10 ** 9 };
  const waiting = (): Rollout => {
    const { pipeline: through, ...rest } = inPhase.ready();
    return { ...rest, pipeline: { ...through, ...anHour } };
  };

  it('evidence expires while a person is waited for, and then opens nothing until the stage has baked anew', () => {
    const promote = { type: 'promote', assessment: assessment() } as const;
    assert.deepEqual(decide(waiting(), promote, 3_599_999).says, ['WaveOpened 1.0']);
    assert.deepEqual(decide(waiting(), promote, 3_600_000).says, ['refused no-evidence']);
    const held = decide(waiting(), assess(), 3_600_000);
    assert.deepEqual(held.says, ['HoldRaised awaiting-promotion', 'HoldRaised evidence-expired']);
    const baking = decide(held.rollout, { type: 'resume' }, 3_700_000);
    assert.deepEqual([baking.says, baking.rollout.phase], [['BakeStarted'], 'baking']);
    const passed = decide(baking.rollout, assess(), 3_705_000);
    assert.deepEqual(passed.says, ['HoldLifted awaiting-promotion', 'HoldLifted evidence-expired', 'StagePassed']);
    assert.equal(passed.rollout.evidence.length, 1, 'the old evidence is replaced');
    assert.deepEqual(decide(passed.rollout, promote, 3_706_000).says, ['WaveOpened 1.0']);
  });

  it('so does evidence that a person took back', () => {
    const revoked = after(waiting(), [{ type: 'EvidenceRevoked', data: { id: 'shop-1', stage: 0, reason: 'odd' } }]);
    const held = decide(revoked, assess(), 1_000);
    assert.deepEqual(held.says, ['HoldRaised awaiting-promotion', 'HoldRaised evidence-revoked']);
    const promote = { type: 'promote', assessment: assessment() } as const;
    assert.deepEqual(decide(held.rollout, promote, 1_000).says, ['refused no-evidence']);
    const baking = decide(held.rollout, { type: 'resume' }, 2_000);
    const passed = decide(baking.rollout, assess(), 7_000);
    assert.ok(passed.says.includes('StagePassed'), passed.says.join());
    assert.deepEqual(passed.rollout.revoked, []);
  });

  it('evidence of an earlier stage cannot be gathered anew: it stays shut', () => {
    const opened = after(waiting(), [
      { type: 'WaveOpened', data: { id: 'shop-1', stage: 1, wave: 0, below: 1, absent: [] } },
      { type: 'EvidenceRevoked', data: { id: 'shop-1', stage: 0, reason: 'odd' } },
    ]);
    const held = decide(opened, assess(), 1_000);
    assert.deepEqual(held.says, ['HoldRaised evidence-revoked']);
    assert.deepEqual(decide(held.rollout, { type: 'resume' }, 2_000).says, ['refused no-evidence']);
    assert.deepEqual(decide(held.rollout, assess(), 500_000).says, [], 'and nothing opens');
  });
});
