import type { DurationMs, Instant } from '../../../core/kernel/instant.ts';
import type { Clock } from '../../../engine/ports/clock.ts';

interface Timer {
  readonly due: DurationMs;
  readonly fire: () => void;
}

/** The real time, in which a test may skip ahead: what became due meanwhile happens at once, in order. */
export class SkippingClock implements Clock {
  #skippedMs = 0;
  readonly #timers = new Set<Timer>();

  now(): Instant {
    return Math.floor(Date.now() + this.#skippedMs);
  }

  monotonic(): DurationMs {
    return performance.now() + this.#skippedMs;
  }

  after(delayMs: DurationMs, callback: () => void): () => void {
    const cancel = () => {
      clearTimeout(real);
      this.#timers.delete(timer);
    };
    const fire = () => {
      cancel();
      callback();
    };
    const timer = { due: this.monotonic() + delayMs, fire };
    const real = setTimeout(fire, delayMs);
    this.#timers.add(timer);
    return cancel;
  }

  skip(ms: DurationMs): void {
    const until = this.monotonic() + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due);
      const [first] = due;
      if (first === undefined) break;
      this.#skippedMs += Math.max(0, first.due - this.monotonic());
      first.fire();
    }
    this.#skippedMs += Math.max(0, until - this.monotonic());
  }

  /** Timers that are set, as spans from now. */
  get pending(): readonly DurationMs[] {
    return [...this.#timers].map((timer) => timer.due - this.monotonic());
  }
}
