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
  readonly #unhealthy = new Map<string, { readonly since: Instant | null; readonly stays: boolean }>();
  readonly #lost = new Map<string, Instant>();

  /** `first`: nothing had been heard of this target before. */
  reported(uid: string, report: TargetReport, first: boolean, now: Instant): void {
    const fails = report.checks.some(({ healthy }) => !healthy);
    if (!fails && !wasStopped(report)) {
      this.#unhealthy.delete(uid);
      return;
    }
    const before = this.#unhealthy.get(uid);
    this.#unhealthy.set(uid, { since: before === undefined ? (first ? null : now) : before.since, stays: !fails });
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
    for (const [uid, { since, stays }] of this.#unhealthy) {
      const target = targets.get(uid);
      if (target !== undefined) yield { target, at: since, stays };
    }
    for (const [uid, lostAt] of this.#lost) {
      const target = targets.get(uid);
      if (target === undefined || this.#unhealthy.has(uid) || now - lostAt < UNSURE_MS) continue;
      yield { target, at: lostAt, stays: false };
    }
  }
}

/** A change was stopped on it because its checks failed. */
function wasStopped({ slots }: TargetReport): boolean {
  return slots.some(({ phase, failureCode }) => phase === 'failed' && BY_CHECKS.includes(failureCode));
}
