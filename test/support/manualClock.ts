import type { Clock } from '../../src/engine/ports/clock.ts';

/** A clock that moves only when a test says so. Timers that fall due fire in order, one after the other. */
export class ManualClock implements Clock {
  #now: number;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  /** Waits until whatever a timer set off has been answered. */
  settled: () => Promise<void> = async () => {};

  constructor(startAt = Date.UTC(2026, 0, 5, 9)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves on by this much and lets everything that falls due run, with what it awaits of other threads. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await this.settled();
    }
    this.#now = end;
    await this.settled();
  }
}
