import type { DurationMs } from '../../../core/kernel/instant.ts';

/** A bucket that holds `burst` messages and fills at `perSecond`. The caller tells the time. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  #held: number;
  #filledAt: DurationMs;

  constructor(perSecond: number, burst: number, now: DurationMs) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#held = burst;
    this.#filledAt = now;
  }

  /** Whether one more message is within the limit at `now`; it counts if so. */
  admits(now: DurationMs): boolean {
    this.#held = Math.min(this.#burst, this.#held + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
    if (this.#held < 1) return false;
    this.#held -= 1;
    return true;
  }
}
