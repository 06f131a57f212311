import type { Clock } from '../../../engine/ports/clock.ts';

/**
 * How many bytes a second go out to all agents together. Whoever asks waits for its turn, chunk by chunk, so that many downloads at once share
 * what there is and none of them starves. `null`: as fast as it goes.
 */
export class Bandwidth {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number | null;
  /** When what was asked for so far will have gone out. */
  #free = 0;

  constructor(clock: Clock, bytesPerSecond: number | null) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Resolves when so many bytes may be sent. */
  async take(bytes: number): Promise<void> {
    if (this.#bytesPerSecond === null) return;
    const now = this.#clock.monotonic();
    const turn = Math.max(now, this.#free);
    this.#free = turn + (bytes / this.#bytesPerSecond) * 1000;
    if (turn > now) await new Promise<void>((resolve) => this.#clock.after(turn - now, resolve));
  }
}
