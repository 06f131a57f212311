import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { VerdictOutcome } from '../analysis/verdict.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { decideRollout, type RolloutInput, TRANSITIONS } from './decideRollout.ts';
import { after, assessment, pipeline, rolloutOf, stage, tally, verdict } from './fixtures.ts';
import { HOLD_REASONS, type HoldReason } from './hold.ts';
import { ROLLOUT_PHASES, type Rollout, type RolloutPhase } from './rollout.ts';
import type { Tally } from './tally.ts';

const assess = (more: Partial<Assessment> = {}): RolloutInput => ({ type: 'assess', assessment: assessment(more) });

/** The events as one short line each, and the rollout after them. */
function decide(rollout: Rollout, input: RolloutInput, now: number): { says: string[]; rollout: Rollout } {
  const decision = decideRollout(rollout, input, now);
  if (!decision.ok) return { says: [`refused ${decision.error.code}`], rollout };
  return { says: decision.value.map(short), rollout: after(rollout, decision.value, now) };
}

function short(event: DomainEvent): string {
  switch (event.type) {
    case 'WaveOpened':
      return `WaveOpened ${event.data.stage}.${event.data.wave}`;
    case 'HoldRaised':
    case 'HoldLifted':
      return `${event.type} ${event.data.reason}`;
    case 'RollbackOrdered':
      return `RollbackOrdered ${event.data.code}`;
    default:
      return event.type;
  }
}

const inPhase: Record<RolloutPhase, () => Rollout> = {
  rolling: () => rolloutOf(),
  rehearsing: () =>
    after(rolloutOf(pipeline({ rehearse: true })), [{ type: 'RehearsalStarted', data: { id: 'shop-1' } }]),
  baking: () => after(rolloutOf(), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]),
  ready: () =>
    after(rolloutOf(pipeline({ stages: [stage('canary', { promote: 'manual' }), stage('pilot')] })), [
      { type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } },
      {
        type: 'StagePassed',
        data: {
          id: 'shop-1',
          stage: 0,
          evidence: { change: 'sha256:c', stage: 'canary', at: 0, verdicts: [], exposure: {}, rehearsal: null },
        },
      },
    ]),
  rollingBack: () =>
    after(rolloutOf(), [{ type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } }]),
  rolledBack: () =>
    after(rolloutOf(), [
      { type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } },
      { type: 'RolledBack', data: { id: 'shop-1' } },
    ]),
  completed: () => after(rolloutOf(), [{ type: 'RolloutCompleted', data: { id: 'shop-1' } }]),
};

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
      margin: 0.02,
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
    const failure = { target: 'shop-1', code: 'check-failed', says: 'alive: connection refused' };
    const failed = assess({ tally: tally({ confirmed: 1, failed: 1, failures: [failure] }) });
    const { says, rollout } = decide(rolloutOf(), failed, 1_000);
    assert.deepEqual(says, ['TargetsFailed', 'RollbackOrdered target-failed', 'DigestQuarantined']);
    assert.deepEqual(rollout.failed, [failure]);
    assert.match(rollout.rollback?.says ?? '', /shop-1: alive: connection refused \(check-failed\)/);
    const tolerant = rolloutOf(pipeline({ stages: [stage('canary', { tolerateFailures: 1 }), stage('pilot')] }));
    assert.deepEqual(decide(tolerant, failed, 1_000).says, ['TargetsFailed', 'BakeStarted']);
  });

  it('law 17: when untouched targets are as sick, it holds and does nothing to the fleet; harm of the change alone still goes back', () => {
    const sick = { target: 'shop-1', code: 'unhealthy', says: 'its own checks fail: alive' };
    const red = (more: Partial<Tally>) =>
      assess({ tally: tally({ confirmed: 1, failed: 1, failures: [sick], untouched: 12, ...more }) });
    const held = decide(rolloutOf(), red({ untouchedSick: 6 }), 1_000);
    assert.deepEqual(held.says, ['TargetsFailed', 'HoldRaised all-red']);
    const over = decide(held.rollout, red({ untouchedSick: 1 }), 2_000);
    assert.deepEqual(
      over.says,
      ['RollbackOrdered target-failed', 'DigestQuarantined'],
      'the others are well again, this one is not',
    );
    assert.equal(decide(rolloutOf(), red({ untouchedSick: 0 }), 1_000).rollout.phase, 'rollingBack');
    const broken = { target: 'shop-1', code: 'apply-failed', says: 'read-only' };
    const { phase } = decide(rolloutOf(), red({ untouchedSick: 12, failures: [broken] }), 1_000).rollout;
    assert.equal(phase, 'rollingBack', 'an apply that fails has no common cause with a probe');
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

describe('whatever happens to a rollout', () => {
  const outcome = fc.constantFrom<VerdictOutcome>('pass', 'pass', 'pass', 'fail', 'inconclusive', 'no-data', 'error');
  const anyAssessment = fc
    .record({
      api: outcome,
      web: outcome,
      underway: fc.nat(2),
      failed: fc.constantFrom(0, 0, 0, 1),
      notBack: fc.nat(1),
      exposed: fc.nat(200),
      lineHalted: fc.boolean(),
    })
    .map((drawn) => {
      const verdicts = [verdict(drawn.api, { role: 'api' }), verdict(drawn.web, { role: 'web' })];
      const failures = drawn.failed > 0 ? [{ target: 'shop-0', code: 'apply-failed', says: '' }] : [];
      return assessment({
        tally: tally({
          confirmed: 2 - drawn.underway,
          underway: drawn.underway,
          failed: drawn.failed,
          failures,
          notBack: drawn.notBack,
        }),
        verdicts: [verdicts, verdicts, verdicts],
        exposure: { api: drawn.exposed, web: drawn.exposed },
        lineHalted: drawn.lineHalted,
      });
    });
  const anyInput: fc.Arbitrary<RolloutInput> = fc.oneof(
    { weight: 8, arbitrary: anyAssessment.map((drawn) => ({ type: 'assess' as const, assessment: drawn })) },
    { weight: 1, arbitrary: anyAssessment.map((drawn) => ({ type: 'promote' as const, assessment: drawn })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<RolloutInput>(
        { type: 'pause', reason: '' },
        { type: 'resume' },
        { type: 'rollback', reason: '' },
      ),
    },
  );
  const anyStory = fc.array(fc.tuple(anyInput, fc.integer({ min: 0, max: 90_000 })), { maxLength: 60 });

  it('law 1, law 2, law 8: no stage opens without the evidence of the one before, and nothing completes without all of it', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        let rollout = rolloutOf();
        let now = 0;
        for (const [input, elapsed] of story) {
          now += elapsed;
          const before = rollout;
          rollout = decide(rollout, input, now).rollout;
          if (rollout.stage > before.stage) assert.equal(rollout.evidence.length, rollout.stage);
          if (rollout.phase === 'completed') assert.equal(rollout.evidence.length, rollout.pipeline.stages.length);
          for (const evidence of rollout.evidence) assert.ok(evidence.verdicts.every((one) => one.outcome === 'pass'));
          if (before.rollback !== null) assert.notEqual(rollout.phase, 'completed', 'nothing turns a rollback round');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('law 10, law 22: left alone it always ends: no state waits for ever', () => {
    fc.assert(
      fc.property(anyStory, fc.boolean(), (story, healthy) => {
        let rollout = rolloutOf();
        let now = 0;
        for (const [input, elapsed] of story) {
          now += elapsed;
          rollout = decide(rollout, input, now).rollout;
        }
        const quiet = healthy ? assess() : assess({ verdicts: [], exposure: {} });
        for (let step = 0; step < 60 && rollout.endedAt === null; step++) {
          now += 60_000;
          rollout = decide(rollout, quiet, now).rollout;
        }
        assert.notEqual(rollout.endedAt, null, `${rollout.phase} ${rollout.holds.join()}`);
      }),
      { numRuns: 500 },
    );
  });

  it('every hold reason says what it means', () => {
    for (const says of Object.values(HOLD_REASONS)) assert.ok(says.length > 10);
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
