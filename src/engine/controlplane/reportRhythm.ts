import type { DurationMs } from '../../core/kernel/instant.ts';

interface Reported {
  at: DurationMs;
  /** The longest that it has lately taken from one report to the next; 0: it has reported once. */
  gapMs: DurationMs;
}

/** A rhythm that has quickened is believed bit by bit. */
const FADES = 0.9;
/** So many rhythms late is no hiccup any more. */
const LATE = 2;

/**
 * In what rhythm each metric comes in from each target: every source has its own, from a second to minutes. What is later than twice
 * its rhythm is overdue.
 */
export class ReportRhythm {
  readonly #reported = new Map<string, Map<string, Reported>>();

  reported(uid: string, metric: string, now: DurationMs): void {
    let metrics = this.#reported.get(uid);
    if (metrics === undefined) {
      metrics = new Map();
      this.#reported.set(uid, metrics);
    }
    const last = metrics.get(metric);
    if (last === undefined) {
      metrics.set(metric, { at: now, gapMs: 0 });
      return;
    }
    last.gapMs = Math.max(now - last.at, last.gapMs * FADES);
    last.at = now;
  }

  /** The metrics of a target that have come before and should have come again. What came but once has no rhythm yet, and is waited for. */
  overdue(uid: string, now: DurationMs, windowMs: DurationMs): readonly string[] {
    const overdue: string[] = [];
    for (const [metric, { at, gapMs }] of this.#reported.get(uid) ?? [])
      if (gapMs > 0 && now - at > LATE * Math.max(gapMs, windowMs)) overdue.push(metric);
    return overdue;
  }

  forget(uid: string): void {
    this.#reported.delete(uid);
  }
}
