import type { DurationMs, Instant } from '../../core/kernel/instant.ts';

/** Time as the engine sees it. The simulator has another. */
export interface Clock {
  /** Wall-clock time. May jump; only what is told to people and the record depends on it. */
  now(): Instant;
  /** Monotonic milliseconds from an arbitrary start: what spans are measured with. */
  monotonic(): DurationMs;
  /** Calls back once after at least `delayMs`. Never synchronously. Returns a way to cancel, idempotent. */
  after(delayMs: DurationMs, callback: () => void): () => void;
}
