import type { Verdict } from '../analysis/verdict.ts';
import { formatDuration, type Instant } from '../kernel/instant.ts';
import { bindingAt } from '../policy/freeze.ts';
import { sayStop } from '../policy/irreversible.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { isAllRed, mayTurnAllRed } from './commonCause.ts';
import { presentStage } from './presentStage.ts';
import type { RollbackCode, Rollout } from './rollout.ts';
import type { Tally } from './tally.ts';
import { accusation, isSpared } from './tellApart.ts';

/** Law 22: harm counts in every phase that is not over, held and paused ones included, and for every stage opened so far. */
export function findBreach(rollout: Rollout, assessment: Assessment, now: Instant): readonly DomainEvent[] | null {
  const failing = assessment.verdicts
    .flat()
    .filter((verdict) => verdict.outcome === 'fail' && isGuardrail(rollout, verdict));
  if (failing.length > 0) {
    return orderRollback(rollout, 'guardrail-failed', failing.map((verdict) => verdict.says).join('; '), failing);
  }
  const { tally } = assessment;
  const suspicious = isAllRed(tally) || mayTurnAllRed(rollout, tally, now) || isSpared(rollout, assessment);
  if (tally.failed > presentStage(rollout).tolerateFailures && !suspicious) {
    const silent = tally.failures.every((failure) => failure.code === 'silent');
    const named = tally.failures.slice(0, 3).map((failure) => `${failure.target}: ${failure.says} (${failure.code})`);
    const more = tally.failed > named.length ? ` and ${tally.failed - named.length} more` : '';
    return orderRollback(rollout, silent ? 'silence' : 'target-failed', `${named.join('; ')}${more}`, []);
  }
  const blamed = accusation(rollout, assessment, now);
  if (blamed !== null) return orderRollback(rollout, 'blamed', blamed, []);
  const late = now - lastOrdered(rollout, tally) >= presentStage(rollout).applyDeadlineMs;
  if (rollout.phase === 'rehearsing' && tally.notBack > 0 && late) {
    const says = `the rehearsal did not bring back ${tally.notBackNames.slice(0, 3).join(', ')} (${tally.notBack} in all) before its deadline`;
    return orderRollback(rollout, 'rehearsal-failed', says, []);
  }
  // The deadline is for people to act in, and in a freeze they may not; its end starts the deadline anew.
  const frozen = rollout.holds.includes('frozen') || bindingAt(assessment.freezes, now).length > 0;
  if (!frozen && rollout.heldSince !== null && now - rollout.heldSince >= rollout.pipeline.heldDeadlineMs) {
    const says = `held for ${formatDuration(now - rollout.heldSince)} (${rollout.holds.join(', ')}), at most ${formatDuration(rollout.pipeline.heldDeadlineMs)} allowed`;
    return orderRollback(rollout, 'held-too-long', says, []);
  }
  return null;
}

function isGuardrail(rollout: Rollout, verdict: Verdict): boolean {
  return rollout.pipeline.checks.some((check) => check.name === verdict.check && check.effect === 'guardrail');
}

export function orderRollback(
  rollout: Rollout,
  code: RollbackCode,
  says: string,
  verdicts: readonly Verdict[],
): readonly DomainEvent[] {
  const { id, change } = rollout;
  const why = change.irreversible === undefined ? says : `${says}; ${sayStop(change.irreversible)}`;
  const order: DomainEvent = { type: 'RollbackOrdered', data: { id, code, says: why, verdicts } };
  if (code === 'person' || code === 'held-too-long' || code === 'blamed') return [order];
  return [order, { type: 'DigestQuarantined', data: { id, change: change.digest, says } }];
}

/** When those who are to be back by now were told to. Who waits for room, on a way back that goes in steps, is not late. */
function lastOrdered({ since, release }: Rollout, { moving }: Tally): Instant {
  if (release === null) return since;
  return moving > 0 || release.below >= 1 ? release.at : Number.POSITIVE_INFINITY;
}
