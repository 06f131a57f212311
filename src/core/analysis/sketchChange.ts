import type { Sketch } from './targetSample.ts';

/**
 * What a cumulative sketch has gained since it was last looked at; `null` when it has lost something, which means that it began anew.
 * Exact: where the two differ in their bounds, only those stay at which both are known.
 */
export function sketchSince(before: Sketch, now: Sketch): Sketch | null {
  const { bounds, left, right } = aligned(before, now);
  const gained = right.map((count, index) => count - (left[index] ?? 0));
  // Counts may be fractions, which do not add up to the last digit.
  const rounding = ROUNDING * right.reduce((total, count) => total + count, 0);
  if (gained.some((count) => count < -rounding)) return null;
  return { bounds, counts: gained.map((count) => Math.max(0, count)), sum: now.sum - before.sum };
}

const ROUNDING = 1e-12;

/** Both together. Exact, like {@link sketchSince}. */
export function sumOfSketches(one: Sketch, other: Sketch): Sketch {
  const { bounds, left, right } = aligned(one, other);
  return { bounds, counts: right.map((count, index) => count + (left[index] ?? 0)), sum: one.sum + other.sum };
}

/** The same values in at most so many buckets. Nothing is lost while empty buckets can be joined; then neighbours are, in pairs. */
export function coarsened(sketch: Sketch, most: number): Sketch {
  if (sketch.bounds.length <= most) return sketch;
  // Below an empty bucket and within two of them, a bound says nothing that its neighbours don't.
  let kept = joined(sketch, (index) => sketch.counts[index] !== 0 || sketch.counts[index + 1] !== 0);
  while (kept.bounds.length > Math.max(1, most)) {
    const { length } = kept.bounds;
    kept = joined(kept, (index) => (length - 1 - index) % 2 === 0);
  }
  return kept;
}

/** A bucket whose bound does not stay is added to the one above it. The last bound stays. */
function joined({ bounds, counts, sum }: Sketch, stays: (index: number) => boolean): Sketch {
  const kept: { bounds: number[]; counts: number[] } = { bounds: [], counts: [] };
  let waiting = 0;
  bounds.forEach((bound, index) => {
    waiting += counts[index] ?? 0;
    if (index < bounds.length - 1 && !stays(index)) return;
    kept.bounds.push(bound);
    kept.counts.push(waiting);
    waiting = 0;
  });
  return { ...kept, sum };
}

interface Aligned {
  readonly bounds: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
}

function aligned(left: Sketch, right: Sketch): Aligned {
  if (sameBounds(left.bounds, right.bounds)) return { bounds: right.bounds, left: left.counts, right: right.counts };
  const bounds: number[] = [];
  const counts: { left: number[]; right: number[] } = { left: [], right: [] };
  const [one, other] = [new Reader(left), new Reader(right)];
  let below = { left: 0, right: 0 };
  for (;;) {
    const bound = Math.min(one.bound, other.bound);
    const [isKnown, isLast] = [one.knows(bound) && other.knows(bound), one.isLast(bound) && other.isLast(bound)];
    if (isKnown || isLast) {
      const upTo = { left: one.upTo(bound), right: other.upTo(bound) };
      bounds.push(bound);
      counts.left.push(upTo.left - below.left);
      counts.right.push(upTo.right - below.right);
      below = upTo;
    }
    if (isLast) return { bounds, ...counts };
    one.pass(bound);
    other.pass(bound);
  }
}

function sameBounds(left: readonly number[], right: readonly number[]): boolean {
  return left === right || (left.length === right.length && left.every((bound, index) => bound === right[index]));
}

/** Goes through a sketch from its lowest bound upwards. */
class Reader {
  readonly #sketch: Sketch;
  #at = 0;
  #below = 0;

  constructor(sketch: Sketch) {
    this.#sketch = sketch;
  }

  /** The next one; infinite after the last. */
  get bound(): number {
    return this.#sketch.bounds[this.#at] ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it can be said how many values are not above this, which is not above the next bound: nothing lies between, or all. */
  knows(bound: number): boolean {
    return bound === this.bound || this.#count === 0;
  }

  isLast(bound: number): boolean {
    const { length } = this.#sketch.bounds;
    return this.#at >= length || (this.#at === length - 1 && bound === this.bound);
  }

  upTo(bound: number): number {
    return this.#below + (bound === this.bound ? this.#count : 0);
  }

  pass(bound: number): void {
    if (bound !== this.bound || this.#at >= this.#sketch.bounds.length) return;
    this.#below += this.#count;
    this.#at++;
  }

  get #count(): number {
    return this.#sketch.counts[this.#at] ?? 0;
  }
}
