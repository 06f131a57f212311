import type { Verdict, VerdictOutcome } from '../analysis/verdict.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Check, evidenceValidMs, type Stage } from '../policy/pipeline.ts';
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

/**
 * Law 2: only explicit passes of every check for every role, and the exposure asked for, let the bake end. A check of a service that needs
 * this one is about the roles of that service.
 */
export function holdsFromBake(
  rollout: Rollout,
  stage: Stage,
  verdicts: readonly Verdict[],
  assessment: Assessment,
): Set<HoldReason> {
  const missing = new Set<HoldReason>();
  const { roles } = rollout.change;
  const { exposure } = stage.bake;
  if (exposure !== null && roles.some((role) => (assessment.exposure[role] ?? 0) < exposure.atLeast))
    missing.add('too-little-exposure');
  for (const check of rollout.pipeline.checks) {
    for (const outcome of outcomesOf(check, roles, verdicts)) {
      const hold = HELD_BY[outcome];
      if (hold !== null) missing.add(hold);
      if (outcome === 'fail' && check.effect === 'signal' && !rollout.accepted.includes('signal-failed'))
        missing.add('signal-failed');
    }
  }
  return missing;
}

const HELD_BY = {
  pass: null,
  // A guardrail that fails has rolled back by now.
  fail: null,
  inconclusive: 'inconclusive',
  'no-data': 'no-data',
  error: 'check-error',
} as const satisfies Readonly<Record<VerdictOutcome, HoldReason | null>>;

/** What a check says of everything that it is asked of; where it says nothing, that is no data. */
function outcomesOf(
  { name, of }: Check,
  roles: readonly string[],
  verdicts: readonly Verdict[],
): readonly VerdictOutcome[] {
  if (of === undefined) {
    const verdictOn = (role: string) => verdicts.find((one) => one.check === name && one.role === role);
    return roles.map((role) => verdictOn(role)?.outcome ?? 'no-data');
  }
  const found = verdicts.filter((one) => one.check === name && one.role.startsWith(`${of}/`));
  return found.length === 0 ? ['no-data'] : found.map(({ outcome }) => outcome);
}
