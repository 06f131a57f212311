import type { Instant } from '../../core/kernel/instant.ts';
import { BY_CHECKS } from '../../core/rollout/commonCause.ts';
import { UNSURE_MS } from '../../core/rollout/contribution.ts';
import type { FaultyTarget } from '../../core/rollout/suspects.ts';

import type { Target } from '../../core/topology/target.ts';
import type { TargetReport } from '../ports/fleet.ts';

/**
 * Which targets something is wrong with now, and since when: their own checks fail, or failed and stopped a change, or they cannot be
 * heard any more. Costs what is wrong, not what there is. Kept in memory only: what was wrong already when this process first heard
 * of a target has been so for nobody knows how long.
 */
export class FaultBook {
  readonly #unhealthy = new Map<string, Instant | null>();
  readonly #lost = new Map<string, Instant>();

  /** `first`: nothing had been heard of this target before. */
  reported(uid: string, report: TargetReport, first: boolean, now: Instant): void {
    if (!isUnhealthy(report)) this.#unhealthy.delete(uid);
    else if (!this.#unhealthy.has(uid)) this.#unhealthy.set(uid, first ? null : now);
  }

  lost(uid: string, now: Instant): void {
    this.#lost.set(uid, now);
  }

  found(uid: string): void {
    this.#lost.delete(uid);
  }

  forget(uid: string): void {
    this.#unhealthy.delete(uid);
    this.#lost.delete(uid);
  }

  /** Whether nothing is wrong with anybody. */
  get isEmpty(): boolean {
    return this.#unhealthy.size === 0 && this.#lost.size === 0;
  }

  /** One that was cut off a moment ago may be back in a moment, and is not among them. */
  *faults(targets: ReadonlyMap<string, Target>, now: Instant): Iterable<FaultyTarget> {
    for (const [uid, since] of this.#unhealthy) {
      const target = targets.get(uid);
      if (target !== undefined) yield { target, at: since };
    }
    for (const [uid, lostAt] of this.#lost) {
      const target = targets.get(uid);
      if (target !== undefined && !this.#unhealthy.has(uid) && now - lostAt >= UNSURE_MS) yield { target, at: lostAt };
    }
  }
}

function isUnhealthy({ checks, slots }: TargetReport): boolean {
  if (checks.some(({ healthy }) => !healthy)) return true;
  return slots.some(({ phase, failureCode }) => phase === 'failed' && BY_CHECKS.includes(failureCode));
}
