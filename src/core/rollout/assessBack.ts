import type { Instant } from '../kernel/instant.ts';
import { ok } from '../kernel/result.ts';
import type { Assessment } from './assessment.ts';
import type { Decision } from './decideRollout.ts';
import type { Rollout } from './rollout.ts';
import { widenRelease } from './widenRelease.ts';

/**
 * Law 7: it is over when every target says by effect that it is back; who does not say so in time is named. Of what cannot be undone
 * nobody comes back: then it is over when everybody is at rest, and what is said is how many keep it.
 */
export function assessBack(
  rollout: Rollout,
  { assessment }: { readonly assessment: Assessment },
  now: Instant,
): Decision {
  const { id } = rollout;
  const { tally } = assessment;
  const kept = rollout.change.irreversible === undefined ? {} : { kept: tally.kept };
  if (tally.notBack === 0) return ok([{ type: 'RolledBack', data: { id, ...kept } }]);
  const next = widenRelease(rollout, assessment, now);
  const since = Math.max(rollout.since, rollout.release?.at ?? 0);
  const late = now - since >= rollout.pipeline.rollbackDeadlineMs;
  if (!late || sameNames(rollout.stragglers, tally.notBackNames)) return ok(next);
  return ok([...next, { type: 'StragglersListed', data: { id, targets: tally.notBackNames, count: tally.notBack } }]);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
