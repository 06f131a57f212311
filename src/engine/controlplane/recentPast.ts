import type { Instant } from '../../core/kernel/instant.ts';
import type { Target } from '../../core/topology/target.ts';

const BUCKET_MS = 60_000;
const BUCKETS = 60;

/**
 * What each role of each service counted in the last hour, in minutes. A rollout that leaves nobody untouched is compared with
 * it. Kept in memory only: after a restart the past begins anew.
 */
export class RecentPast {
  readonly #buckets: { minute: number; readonly counts: Map<string, number> }[] = [];

  count(target: Target, metric: string, delta: number, now: Instant): void {
    const minute = Math.floor(now / BUCKET_MS);
    let bucket = this.#buckets.at(-1);
    if (bucket === undefined || bucket.minute < minute) {
      bucket = { minute, counts: new Map() };
      this.#buckets.push(bucket);
      while (this.#buckets.length > BUCKETS) this.#buckets.shift();
    }
    const key = `${target.service}\n${target.role}\n${metric}`;
    bucket.counts.set(key, (bucket.counts.get(key) ?? 0) + delta);
  }

  /** Counts by role and metric of one service. */
  *counts(service: string): Iterable<{ readonly role: string; readonly metric: string; readonly count: number }> {
    const sums = new Map<string, number>();
    for (const { counts } of this.#buckets)
      for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
    for (const [key, count] of sums) {
      const [name, role = '', metric = ''] = key.split('\n');
      if (name === service) yield { role, metric, count };
    }
  }
}
