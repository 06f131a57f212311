import type { Instant } from '../kernel/instant.ts';
import { ok } from '../kernel/result.ts';
import type { Assessment } from './assessment.ts';
import type { Decision } from './decideRollout.ts';
import type { Rollout } from './rollout.ts';

/** Law 7: it is over when every target says by effect that it is back; who does not say so in time is named. */
export function assessBack(
  rollout: Rollout,
  { assessment }: { readonly assessment: Assessment },
  now: Instant,
): Decision {
  const { id } = rollout;
  const { tally } = assessment;
  if (tally.notBack === 0) return ok([{ type: 'RolledBack', data: { id } }]);
  const late = now - rollout.since >= rollout.pipeline.rollbackDeadlineMs;
  if (!late || sameNames(rollout.stragglers, tally.notBackNames)) return ok([]);
  return ok([{ type: 'StragglersListed', data: { id, targets: tally.notBackNames, count: tally.notBack } }]);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
