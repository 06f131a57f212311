import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Target } from '../../core/topology/target.ts';
import type { TargetObservations } from '../ports/fleet.ts';

/** A service that is restarted shows nothing for a while; what lasts longer than that is no restart. */
const PATIENCE_MS: DurationMs = 15_000;

/** Of which targets the agents cannot read the service's page, and since when. */
export class PageBook {
  readonly #unread = new Map<string, { readonly since: DurationMs; readonly says: string }>();

  /** `now`: by a clock that never jumps. */
  heard(uid: string, { observations, scrapeError }: TargetObservations, now: DurationMs): void {
    if (scrapeError === '' || observations.length > 0) this.#unread.delete(uid);
    else this.#unread.set(uid, { since: this.#unread.get(uid)?.since ?? now, says: scrapeError });
  }

  forget(uid: string): void {
    this.#unread.delete(uid);
  }

  /** Why nothing can be known of a service whose agents these are; `null` where one of them can read its page, or there is none. */
  fault(targets: Iterable<Target>, now: DurationMs): MetricFault | null {
    if (this.#unread.size === 0) return null;
    let [count, first] = [0, ''];
    for (const { uid, name } of targets) {
      const unread = this.#unread.get(uid);
      if (unread === undefined || now - unread.since < PATIENCE_MS) return null;
      if (count++ === 0) first = `${name}: ${unread.says}`;
    }
    if (count === 0) return null;
    const who = count === 1 ? 'its only target' : `any of its ${count} targets`;
    return { code: 'source-error', says: `the metrics page cannot be read on ${who} (${first})` };
  }
}
