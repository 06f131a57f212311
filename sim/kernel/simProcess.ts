import type { DurationMs, Instant } from '../../src/core/kernel/instant.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { EventLoop } from './eventLoop.ts';

/** When every simulation begins, as people say it: a Monday morning. */
export const EPOCH: Instant = Date.UTC(2026, 0, 5, 9);

/** A machine's wall clock, which outlives its processes and may be wrong. */
export interface WallClock {
  offsetMs: DurationMs;
}

/**
 * A program that runs until it is killed. All it does to the world goes through `step`, and all its waiting through its clock: once
 * killed, neither answers any more, which is what being dead looks like from inside.
 */
export class SimProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #loop: EventLoop;
  readonly #onKilled: () => void;
  #alive = true;
  /** Kills it when so many more steps have been begun or ended; `null`: not lit. */
  #fuse: number | null = null;

  constructor(name: string, loop: EventLoop, wall: WallClock, onKilled: () => void) {
    this.name = name;
    this.#loop = loop;
    this.#onKilled = onKilled;
    const bootedAt = loop.now;
    this.clock = {
      now: () => Math.round(EPOCH + loop.now + wall.offsetMs),
      monotonic: () => loop.now - bootedAt,
      after: (delayMs, callback) => this.#later(delayMs, callback),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Dies between two steps, `steps` from now: before or after the half of one in which its effect happens. */
  light(steps: number): void {
    this.#fuse = steps;
  }

  /** It lives on after all. */
  douse(): void {
    this.#fuse = null;
  }

  /** As SIGKILL or a power cut: at once, and nothing is tidied up. Idempotent. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onKilled();
  }

  /**
   * Something that takes time and touches what outlives the process. The effect happens half-way: killed before, it never
   * happened; killed after, it did and nobody was told.
   */
  step<T>(takesMs: DurationMs, act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#later(takesMs / 2, () => {
        let settle: () => void;
        try {
          const value = act();
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
        this.#later(takesMs / 2, settle);
      });
    });
  }

  #later(delayMs: DurationMs, act: () => void): () => void {
    return this.#loop.after(delayMs, () => {
      if (!this.#alive) return;
      if (this.#fuse !== null && --this.#fuse <= 0) this.kill();
      else act();
    });
  }
}
