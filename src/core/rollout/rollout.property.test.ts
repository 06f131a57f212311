import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { VerdictOutcome } from '../analysis/verdict.ts';
import type { RolloutInput } from './decideRollout.ts';
import { assess, decide } from './decisions.ts';
import { assessment, rolloutOf, tally, verdict } from './fixtures.ts';
import { HOLD_REASONS } from './hold.ts';

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
