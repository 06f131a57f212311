import { setTimeout as wait } from 'node:timers/promises';

/** Half of the supplier's answers take less than this. */
const MEDIAN_MS = 12;
/** Spread of the logarithm of its latency: about one answer in three takes longer than 15 ms, one in a thousand longer than 80 ms. */
const SIGMA = 0.6;
/** One answer in this many never comes: on a good day, too, some requests fail. */
const LOST_ONE_IN = 4000;

/**
 * The company whose prices the shop asks for, simulated inside the process: what matters here is only that its latency
 * varies. Deterministic for a given `random`, whatever the timeout: each call draws the same two numbers.
 */
export class Supplier {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A price in cents, or `null` when there was no answer within `timeoutMs`. */
  async price(sku: number, timeoutMs: number): Promise<number | null> {
    const latencyMs = this.#latencyMs();
    await wait(Math.min(latencyMs, timeoutMs));
    return latencyMs > timeoutMs ? null : 499 + ((sku * 7919) % 9500);
  }

  #latencyMs(): number {
    const first = 1 - this.#random();
    const second = this.#random();
    if (second * LOST_ONE_IN < 1) return Number.POSITIVE_INFINITY;
    const normal = Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
    return MEDIAN_MS * Math.exp(SIGMA * normal);
  }
}
