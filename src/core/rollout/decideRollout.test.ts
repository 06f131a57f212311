import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VerdictOutcome } from '../analysis/verdict.ts';
import type { Assessment } from './assessment.ts';
import { COMMON_CAUSE_MS } from './commonCause.ts';
import { type RolloutInput, TRANSITIONS } from './decideRollout.ts';
import { assess, decide, inPhase } from './decisions.ts';
import { after, assessment, pipeline, rolloutOf, stage, tally, verdict } from './fixtures.ts';
import { ROLLOUT_PHASES, type RolloutPhase } from './rollout.ts';
import type { Tally } from './tally.ts';

describe('a rollout: every phase × every input', () => {
  const person = { type: 'rollback', reason: 'looks odd' } as const;
  const table: readonly [RolloutPhase, RolloutInput, readonly string[], string][] = [
    ['rolling', assess(), ['BakeStarted'], 'the only wave has settled'],
    ['rolling', { type: 'pause', reason: '' }, ['RolloutPaused'], 'a person may stop it'],
    ['rolling', { type: 'resume' }, ['refused not-possible-now'], 'nothing to take back'],
    [
      'rolling',
      { type: 'promote', assessment: assessment() },
      ['refused no-evidence'],
      'law 2: no evidence, no next stage',
    ],
    ['rolling', person, ['RollbackOrdered person'], 'law 5: a rollback asks nobody'],
    ['rehearsing', assess(), ['RehearsalProved', 'WaveOpened 0.0'], 'law 6: everybody is back; forward again'],
    ['rehearsing', { type: 'pause', reason: '' }, ['RolloutPaused'], ''],
    ['rehearsing', { type: 'resume' }, ['refused not-possible-now'], ''],
    [
      'rehearsing',
      { type: 'promote', assessment: assessment() },
      ['refused no-evidence'],
      'law 6: not before the way back is proven',
    ],
    ['rehearsing', person, ['RollbackOrdered person'], ''],
    ['baking', assess(), [], 'the minimum time is not over'],
    ['baking', { type: 'pause', reason: '' }, ['RolloutPaused'], ''],
    ['baking', { type: 'resume' }, ['refused not-possible-now'], ''],
    ['baking', { type: 'promote', assessment: assessment() }, ['refused no-evidence'], 'law 2: a person cannot vouch'],
    ['baking', person, ['RollbackOrdered person'], ''],
    ['ready', assess(), ['HoldRaised awaiting-promotion'], 'the pipeline wants a person'],
    ['ready', { type: 'pause', reason: '' }, ['RolloutPaused'], ''],
    ['ready', { type: 'resume' }, ['refused not-possible-now'], ''],
    ['ready', { type: 'promote', assessment: assessment() }, ['WaveOpened 1.0'], 'the evidence is in hand'],
    ['ready', person, ['RollbackOrdered person'], ''],
    ['rollingBack', assess(), ['RolledBack'], 'law 7: everybody says by effect that they are back'],
    ['rollingBack', { type: 'pause', reason: '' }, ['refused not-possible-now'], 'law 14: nothing binds a rollback'],
    ['rollingBack', { type: 'resume' }, ['refused not-possible-now'], 'nothing turns it round'],
    ['rollingBack', { type: 'promote', assessment: assessment() }, ['refused not-possible-now'], ''],
    ['rollingBack', person, [], 'ordered twice is ordered once'],
    ['rolledBack', assess(), [], 'over'],
    ['rolledBack', { type: 'pause', reason: '' }, ['refused rollout-ended'], ''],
    ['rolledBack', { type: 'resume' }, ['refused rollout-ended'], ''],
    ['rolledBack', { type: 'promote', assessment: assessment() }, ['refused rollout-ended'], ''],
    ['rolledBack', person, [], ''],
    ['completed', assess(), [], 'over'],
    ['completed', { type: 'pause', reason: '' }, ['refused rollout-ended'], ''],
    ['completed', { type: 'resume' }, ['refused rollout-ended'], ''],
    ['completed', { type: 'promote', assessment: assessment() }, ['refused rollout-ended'], ''],
    ['completed', person, ['refused rollout-ended'], 'it is the last known good now'],
  ];
  for (const [phase, input, expected, why] of table) {
    it(`${phase} × ${input.type} → ${expected.join(', ') || 'nothing'} (${why})`, () => {
      assert.deepEqual(decide(inPhase[phase](), input, 1_000).says, expected);
    });
  }

  it('the table above names every pair', () => {
    const pairs = new Set(table.map(([phase, input]) => `${phase} × ${input.type}`));
    for (const phase of ROLLOUT_PHASES)
      for (const input of Object.keys(TRANSITIONS[phase])) assert.ok(pairs.has(`${phase} × ${input}`));
    assert.equal(pairs.size, table.length);
  });
});

describe('a rollout goes forward', () => {
  it('stage by stage and wave by wave, to its end', () => {
    let rollout = rolloutOf();
    const story: string[] = [];
    for (let now = 1_000; rollout.endedAt === null && now < 60_000; now += 6_000) {
      const step = decide(rollout, assess(), now);
      story.push(...step.says);
      rollout = step.rollout;
    }
    assert.deepEqual(story, [
      ...['BakeStarted', 'StagePassed', 'WaveOpened 1.0', 'WaveOpened 1.1'],
      ...['BakeStarted', 'StagePassed', 'WaveOpened 2.0'],
      ...['BakeStarted', 'StagePassed', 'RolloutCompleted'],
    ]);
    assert.equal(rollout.phase, 'completed');
    assert.deepEqual(
      rollout.evidence.map((one) => one.stage),
      ['canary', 'pilot', 'broad'],
      'law 3: evidence per stage',
    );
  });

  const waits: readonly [string, Partial<Assessment>, number][] = [
    ['the minimum time is not over', {}, 4_999],
    ['law 4: a role lacks exposure, however long it baked', { exposure: { api: 99, web: 1_000 } }, 30_000],
    ['law 4: a role that nobody heard of has no exposure', { exposure: { web: 1_000 } }, 30_000],
    ['law 3: the verdict of one role is missing', { verdicts: [[verdict('pass', { role: 'web' })]] }, 30_000],
    ['a confirmed target is under way again', { tally: tally({ confirmed: 1, underway: 1 }) }, 30_000],
  ];
  for (const [why, more, now] of waits) {
    it(`not yet: ${why}`, () => assert.deepEqual(decide(inPhase.baking(), assess(more), now).says, []));
  }

  it('law 2: of the five verdicts only pass opens anything', () => {
    const outcomes: readonly VerdictOutcome[] = ['fail', 'inconclusive', 'no-data', 'error'];
    for (const outcome of outcomes) {
      for (const now of [10_000, 60_000, 500_000]) {
        const { says } = decide(
          inPhase.baking(),
          assess({ verdicts: [[verdict('pass', { role: 'web' }), verdict(outcome)]] }),
          now,
        );
        assert.ok(
          !says.some((event) => event.startsWith('StagePassed') || event.startsWith('WaveOpened')),
          `${outcome} at ${now}: ${says}`,
        );
      }
    }
  });

  it('nothing opens while it is not clear who is there, but a large fleet does not wait for the few who always come and go', () => {
    const settled = (unsure: number, targets: number) =>
      decide(rolloutOf(), assess({ tally: tally({ unsure, targets }) }), 1_000).says;
    assert.deepEqual([settled(1, 14), settled(14, 14), settled(5, 1_000)], [[], [], ['BakeStarted']]);
    assert.deepEqual(decide(inPhase.baking(), assess({ tally: tally({ unsure: 1 }) }), 30_000).says, []);
  });

  it('law 6: the first stage goes forward, back and forward again; the dated proof is part of its evidence', () => {
    let rollout = rolloutOf(pipeline({ rehearse: true }));
    const step = (more: Partial<Assessment>, now: number): string[] => {
      const decided = decide(rollout, assess(more), now);
      rollout = decided.rollout;
      return decided.says;
    };
    assert.deepEqual(step({}, 1_000), ['RehearsalStarted']);
    assert.deepEqual(
      step({ tally: tally({ notBack: 1, notBackNames: ['shop-1'] }) }, 2_000),
      [],
      'one is not back yet',
    );
    assert.deepEqual(step({ tally: tally({ confirmed: 0, underway: 2 }) }, 3_000), [
      'RehearsalProved',
      'WaveOpened 0.0',
    ]);
    assert.deepEqual(
      step({ tally: tally({ confirmed: 0, underway: 2 }) }, 4_000),
      [],
      'forward again: waited for as before',
    );
    assert.deepEqual(step({}, 5_000), ['BakeStarted'], 'rehearsed once');
    assert.deepEqual(step({}, 10_000), ['StagePassed', 'WaveOpened 1.0']);
    assert.deepEqual(rollout.evidence[0]?.rehearsal, { provenAt: 3_000, tookMs: 2_000, targets: 2 });
    assert.deepEqual(
      [step({}, 11_000), step({}, 12_000)],
      [['WaveOpened 1.1'], ['BakeStarted']],
      'later stages are not rehearsed',
    );
  });

  it('law 6: a rehearsal that does not bring everybody back in time takes the change back for good', () => {
    const late = assess({ tally: tally({ confirmed: 0, underway: 2, notBack: 1, notBackNames: ['shop-1'] }) });
    assert.deepEqual(decide(inPhase.rehearsing(), late, 19_999).says, []);
    const { says, rollout } = decide(inPhase.rehearsing(), late, 20_000);
    assert.deepEqual(says, ['RollbackOrdered rehearsal-failed', 'DigestQuarantined']);
    assert.match(rollout.rollback?.says ?? '', /shop-1/);
  });

  it('targets are waited for until they have settled', () => {
    const waiting = assess({ tally: tally({ opened: 2, confirmed: 1, underway: 1 }) });
    assert.deepEqual(decide(rolloutOf(), waiting, 19_999).says, []);
  });
});

describe('a rollout goes back', () => {
  const failing = { verdicts: [[verdict('fail'), verdict('pass', { role: 'web' })]] };

  it('law 18: a guardrail that fails rolls back and quarantines the change', () => {
    const { says, rollout } = decide(inPhase.baking(), assess(failing), 1_000);
    assert.deepEqual(says, ['RollbackOrdered guardrail-failed', 'DigestQuarantined']);
    assert.equal(rollout.rollback?.says, 'api fail');
  });

  it('law 22: harm counts while rolling, baking, ready, held, paused, and in a stage that passed long ago', () => {
    const held = after(inPhase.baking(), [
      { type: 'HoldRaised', data: { id: 'shop-1', reason: 'line-halted', says: '' } },
    ]);
    const paused = after(inPhase.baking(), [{ type: 'RolloutPaused', data: { id: 'shop-1', reason: '' } }]);
    const later = after(inPhase.baking(), [
      { type: 'WaveOpened', data: { id: 'shop-1', stage: 1, wave: 0, below: 1, absent: [] } },
    ]);
    for (const rollout of [inPhase.rolling(), inPhase.baking(), inPhase.ready(), held, paused, later]) {
      for (const lineHalted of [false, true]) {
        assert.equal(
          decide(rollout, assess({ ...failing, lineHalted }), 1_000).rollout.phase,
          'rollingBack',
          rollout.phase,
        );
      }
    }
  });

  it('a signal that fails only holds, and a person may accept it', () => {
    const signal = {
      name: 'errors',
      kind: 'failureProportion',
      effect: 'signal',
      failures: 'failures',
      total: 'requests',
      margin: { absolute: 0.02 },
    } as const;
    const baking = after(rolloutOf(pipeline({ checks: [signal] })), [
      { type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } },
    ]);
    const held = decide(baking, assess(failing), 10_000);
    assert.deepEqual(held.says, ['HoldRaised signal-failed']);
    const resumed = decide(held.rollout, { type: 'resume' }, 11_000);
    assert.deepEqual(resumed.says, ['HoldsAccepted']);
    assert.deepEqual(decide(resumed.rollout, assess(failing), 12_000).says, ['StagePassed', 'WaveOpened 1.0']);
  });

  it('failed targets beyond what is tolerated roll back, and are named', () => {
    const failure = { target: 'shop-1', code: 'apply-failed', says: 'the file system is read-only' };
    const failed = assess({ tally: tally({ confirmed: 1, failed: 1, failures: [failure] }) });
    const { says, rollout } = decide(rolloutOf(), failed, 1_000);
    assert.deepEqual(says, ['TargetsFailed', 'RollbackOrdered target-failed', 'DigestQuarantined']);
    assert.deepEqual(rollout.failed, [failure]);
    assert.match(rollout.rollback?.says ?? '', /shop-1: the file system is read-only \(apply-failed\)/);
    const tolerant = rolloutOf(pipeline({ stages: [stage('canary', { tolerateFailures: 1 }), stage('pilot')] }));
    assert.deepEqual(decide(tolerant, failed, 1_000).says, ['TargetsFailed', 'BakeStarted']);
  });

  it('law 17: when untouched targets are as sick, it holds and does nothing to the fleet; harm of the change alone still goes back', () => {
    const sick = { target: 'shop-1', code: 'unhealthy', says: 'its own checks fail: alive' };
    const red = (more: Partial<Tally>) =>
      assess({ tally: tally({ confirmed: 1, failed: 1, failures: [sick], untouched: 12, ...more }) });
    const held = decide(rolloutOf(), red({ untouchedSick: 6 }), 1_000);
    assert.deepEqual(held.says, ['TargetsFailed', 'HoldRaised all-red']);
    const over = decide(held.rollout, red({ untouchedSick: 1 }), 1_000 + COMMON_CAUSE_MS);
    assert.deepEqual(
      over.says,
      ['RollbackOrdered target-failed', 'DigestQuarantined'],
      'the others are well again, this one is not',
    );
    const broken = { target: 'shop-1', code: 'apply-failed', says: 'read-only' };
    const { phase } = decide(rolloutOf(), red({ untouchedSick: 12, failures: [broken] }), 1_000).rollout;
    assert.equal(phase, 'rollingBack', 'an apply that fails has no common cause with a probe');
  });

  it('law 17: where only checks speak against it, untouched targets get the time to notice the same; nothing moves meanwhile', () => {
    const sick = { target: 'shop-1', code: 'sick-before', says: 'the probe cannot reach the service' };
    const early = { confirmed: 2, failed: 1, failures: [sick], untouched: 12, untouchedSick: 0 };
    const first = decide(rolloutOf(), assess({ tally: tally(early) }), 1_000);
    assert.deepEqual(first.says, ['TargetsFailed'], 'no wave, no bake, and nothing taken back yet');
    const waiting = decide(first.rollout, assess({ tally: tally(early) }), 999 + COMMON_CAUSE_MS);
    assert.deepEqual(waiting.says, []);
    const alone = decide(first.rollout, assess({ tally: tally(early) }), 1_000 + COMMON_CAUSE_MS);
    assert.deepEqual(alone.says, ['RollbackOrdered target-failed', 'DigestQuarantined']);
    const red = decide(first.rollout, assess({ tally: tally({ ...early, untouchedSick: 12 }) }), 5_000);
    assert.deepEqual(red.says, ['HoldRaised all-red']);
    const nobodyElse = decide(rolloutOf(), assess({ tally: tally({ ...early, untouched: 0 }) }), 1_000);
    assert.equal(nobodyElse.rollout.phase, 'rollingBack', 'with nobody to compare with, nothing is waited for');
    for (const untouchedSick of [0, 12]) {
      const asked = { type: 'promote', assessment: assessment({ tally: tally({ ...early, untouchedSick }) }) } as const;
      assert.deepEqual(decide(inPhase.ready(), asked, 5_000).says, ['refused not-possible-now']);
    }
  });

  it('law 10: silence is failure', () => {
    const silent = { target: 'shop-1', code: 'silent', says: 'did not confirm the change before its deadline' };
    const { says } = decide(
      rolloutOf(),
      assess({ tally: tally({ confirmed: 1, failed: 1, failures: [silent] }) }),
      20_000,
    );
    assert.deepEqual(says, ['TargetsFailed', 'RollbackOrdered silence', 'DigestQuarantined']);
  });

  it('law 7: it is over only when nobody holds the candidate; who is late is named', () => {
    const waiting = assess({ tally: tally({ notBack: 1, notBackNames: ['shop-1'] }) });
    const rollingBack = inPhase.rollingBack();
    assert.deepEqual(decide(rollingBack, waiting, 29_999).says, []);
    const late = decide(rollingBack, waiting, 30_000);
    assert.deepEqual(late.says, ['StragglersListed']);
    assert.deepEqual(decide(late.rollout, waiting, 31_000).says, [], 'said once');
    assert.deepEqual(decide(late.rollout, assess(), 32_000).says, ['RolledBack']);
  });
});
