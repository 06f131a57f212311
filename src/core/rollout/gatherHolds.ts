import type { Verdict } from '../analysis/verdict.ts';
import type { Instant } from '../kernel/instant.ts';
import { evidenceValidMs, type Stage } from '../policy/pipeline.ts';
import type { Assessment } from './assessment.ts';
import type { HoldReason } from './hold.ts';
import type { Rollout } from './rollout.ts';
import { signedOtherwise } from './signedOtherwise.ts';

/** Laws 2 and 23: the gate is closed while targets refuse their permit, or the evidence it would open on is not good any more. */
export function holdsFromPermits(rollout: Rollout, { tally }: Assessment, now: Instant): Set<HoldReason> {
  const holds = new Set<HoldReason>();
  if (tally.refused > 0) holds.add('permit-refused');
  if (signedOtherwise(rollout) !== null) holds.add('record-contradicts');
  if (rollout.phase === 'ready' && hasExpired(rollout, now)) holds.add('evidence-expired');
  // A stage that bakes anew is on its way to other evidence.
  const anew = rollout.phase === 'baking' ? rollout.stage : -1;
  if (rollout.revoked.some(({ stage }) => stage !== anew)) holds.add('evidence-revoked');
  return holds;
}

function hasExpired(rollout: Rollout, now: Instant): boolean {
  const newest = rollout.evidence.at(-1);
  return newest !== undefined && now >= newest.at + evidenceValidMs(rollout.pipeline);
}

/** Law 2: only explicit passes of every check for every role, and the exposure asked for, let the bake end. */
export function holdsFromBake(
  rollout: Rollout,
  stage: Stage,
  verdicts: readonly Verdict[],
  assessment: Assessment,
): Set<HoldReason> {
  const missing = new Set<HoldReason>();
  const { exposure } = stage.bake;
  for (const role of rollout.change.roles) {
    if (exposure !== null && (assessment.exposure[role] ?? 0) < exposure.atLeast) missing.add('too-little-exposure');
    for (const check of rollout.pipeline.checks) {
      const verdict = verdicts.find((one) => one.check === check.name && one.role === role);
      const outcome = verdict?.outcome ?? 'no-data';
      if (outcome === 'no-data') missing.add('no-data');
      if (outcome === 'error') missing.add('check-error');
      if (outcome === 'inconclusive') missing.add('inconclusive');
      if (outcome === 'fail' && check.effect === 'signal' && !rollout.accepted.includes('signal-failed'))
        missing.add('signal-failed');
    }
  }
  return missing;
}
