import type { DurationMs } from '../../../core/kernel/instant.ts';

/** How long the next try waits: at random up to a bound that doubles with each failure, so that a fleet does not come back as one. */
export class Backoff {
  readonly #baseMs: DurationMs;
  readonly #mostMs: DurationMs;
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives numbers in [0, 1). */
  constructor(baseMs: DurationMs, mostMs: DurationMs, random: () => number) {
    this.#baseMs = baseMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** After a failure. What the server asked for is kept to at least; the fleet it said it to is spread over half as long again. */
  next(retryAfterMs: DurationMs | null = null): DurationMs {
    const bound = Math.min(this.#mostMs, this.#baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return retryAfterMs === null ? this.#random() * bound : retryAfterMs * (1 + this.#random() / 2);
  }

  /** After a success. */
  reset(): void {
    this.#failures = 0;
  }
}
