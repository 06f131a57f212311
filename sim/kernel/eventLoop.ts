import type { DurationMs } from '../../src/core/kernel/instant.ts';

interface Due {
  readonly at: DurationMs;
  readonly order: number;
  /** `null` once cancelled. */
  act: (() => void) | null;
}

/** What a wait takes that is too short to be seen on the clock. */
const SMALLEST_WAIT_MS = 0.001;

/**
 * Simulated time. Nothing here waits: the next thing that is due happens at once, everything it sets off runs to its end, and only
 * then does time move on. What is due at the same moment happens in the order in which it was asked for.
 */
export class EventLoop {
  #now: DurationMs = 0;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: Due[] = [];

  /** Milliseconds since the simulation began. */
  get now(): DurationMs {
    return this.#now;
  }

  /** How many things have been asked for so far. */
  get asked(): number {
    return this.#order;
  }

  /**
   * Does something `delayMs` from now, never at once. Returns a way to cancel, idempotent. Waiting always takes time: a rest so
   * small that adding it does not move the clock would be waited for again and again, and time would stand still.
   */
  after(delayMs: DurationMs, act: () => void): () => void {
    const sum = this.#now + Math.max(0, delayMs);
    const at = delayMs > 0 && sum === this.#now ? this.#now + SMALLEST_WAIT_MS : sum;
    const due: Due = { at, order: this.#order++, act };
    this.#push(due);
    return () => {
      due.act = null;
    };
  }

  /** Does the next thing that is due at or before `until`. False: there is none, and it is `until` now. */
  async step(until: DurationMs): Promise<boolean> {
    for (;;) {
      const [next] = this.#heap;
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#pop();
      if (next.act === null) continue;
      this.#now = next.at;
      next.act();
      await settled();
      return true;
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, due)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child++;
      const smallest = right !== undefined && isBefore(right, left) ? right : left;
      if (isBefore(last, smallest)) break;
      heap[index] = smallest;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Two turns of Node's own loop: all promises have run, and what the gateway puts off to its next turn has run as well. */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => setImmediate(resolve));
}
