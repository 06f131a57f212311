import type { DurationMs, Instant } from '../kernel/instant.ts';
import type { Rollout } from './rollout.ts';
import type { Tally } from './tally.ts';

/**
 * Targets look at themselves each at its own pace: what they have in common shows on the last of them so much later than on the
 * first. Until then nobody can say that the change alone is to blame.
 */
export const COMMON_CAUSE_MS: DurationMs = 10_000;

/** What a target says when nothing but its own checks speaks against the change. */
export const BY_CHECKS: readonly string[] = ['unhealthy', 'check-failed', 'sick-before'];

/**
 * Law 17: touched targets fail by their own checks alone, and those that nobody touched are sick too, at least half as often. Then
 * something else is wrong, and taking the change back everywhere would only add to it.
 */
export function isAllRed(tally: Tally): boolean {
  const { failed, opened, untouched, untouchedSick } = tally;
  if (!failsByChecksAlone(tally) || untouchedSick === 0) return false;
  return untouchedSick / untouched >= Math.min(1, failed / Math.max(1, opened)) / 2;
}

/** Touched targets fail by their own checks alone, and too lately to know whether untouched ones do as well. Meanwhile nothing moves. */
export function mayTurnAllRed({ failedSince }: Rollout, tally: Tally, now: Instant): boolean {
  if (!failsByChecksAlone(tally) || tally.untouched === 0) return false;
  return failedSince === null || now - failedSince < COMMON_CAUSE_MS;
}

export function failsByChecksAlone({ failed, failures }: Tally): boolean {
  return failed > 0 && failures.every(({ code }) => BY_CHECKS.includes(code));
}
