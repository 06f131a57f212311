import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { Clock } from '../ports/clock.ts';

/** After a look that took its time there is none for this many times as long. */
const RESTS_TIMES = 20;
/** More answers than this are not kept. */
const MOST_KEPT = 1000;

interface Answer {
  readonly value: unknown;
  readonly at: Instant;
  readonly restsUntil: Instant;
}

/**
 * Looks at every target that are taken many times a second. In a small fleet each is taken; in a very large one the last answer
 * stands for a while, so that looking is never most of what a control plane does.
 */
export class CostlyLook {
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `standsMs`: the answer stands for so long in any case. The same key is always asked for the same kind of answer. */
  take<T>(key: string, look: () => T, standsMs: DurationMs = 0): T {
    const from = this.#clock.monotonic();
    const before = this.#answers.get(key);
    if (before !== undefined && from < Math.max(before.restsUntil, before.at + standsMs)) return before.value as T;
    const value = look();
    const at = this.#clock.monotonic();
    if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
    this.#answers.set(key, { value, at, restsUntil: at + (at - from) * RESTS_TIMES });
    return value;
  }
}
