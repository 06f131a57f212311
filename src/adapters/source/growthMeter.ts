import type { DurationMs, Instant } from '../../core/kernel/instant.ts';

/** A series that is not seen for so long is forgotten. */
const KEPT_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

interface Read {
  at: Instant;
  readonly series: Map<string, { value: number; at: Instant }>;
}

export interface Growth {
  readonly count: number;
  readonly minutes: number;
}

/**
 * By how much each target's counters have risen from one reading to the next. A series that falls began anew, from 0. One that is
 * new on a target that was read before began at 0 as well; of a target that was not, nobody knows.
 */
export class GrowthMeter {
  readonly #read = new Map<string, Read>();

  /**
   * What a target's series show. `at`: when they were read, by whichever clock, always the same one. `null`: it is read for the first
   * time, or after more than `longestMs`, or nothing new was read.
   */
  grow(uid: string, at: Instant, series: ReadonlyMap<string, number>, longestMs: DurationMs): Growth | null {
    const before = this.#read.get(uid);
    const passed = before === undefined ? Number.POSITIVE_INFINITY : at - before.at;
    if (passed <= 0) return null;
    const known: Read['series'] = before?.series ?? new Map();
    let count = 0;
    for (const [key, value] of series) {
      const last = known.get(key);
      // One that was away for longer rose in a time that nobody asks about any more.
      if (last === undefined || value < last.value) count += value;
      else if (at - last.at <= longestMs) count += value - last.value;
      known.set(key, { value, at });
    }
    for (const [key, last] of known) if (at - last.at > KEPT_MS) known.delete(key);
    this.#read.set(uid, { at, series: known });
    return passed <= longestMs ? { count, minutes: passed / MINUTE_MS } : null;
  }

  /** Forgets targets that have not been read since. */
  forgetBefore(at: Instant): void {
    for (const [uid, read] of this.#read) if (read.at < at) this.#read.delete(uid);
  }
}
