import { type Figures, isSketch, type Sketch } from '../targetSample.ts';

/**
 * The q-quantile of all values: the smallest that at least a share of q of them does not exceed; of sketches the upper bound of its bucket.
 * `null` for none.
 */
export function quantileOf(figures: readonly Figures[], q: number): number | null {
  const counted = new Map<number, number>();
  let total = 0;
  const count = (value: number, times: number) => {
    counted.set(value, (counted.get(value) ?? 0) + times);
    total += times;
  };
  for (const each of figures) {
    if (isSketch(each)) for (const [index, times] of each.counts.entries()) count(boundOf(each, index), times);
    else for (const value of each) count(value, 1);
  }
  let below = 0;
  let last: number | null = null;
  for (const value of [...counted.keys()].sort((a, b) => a - b)) {
    const times = counted.get(value) ?? 0;
    if (times === 0) continue;
    last = value;
    below += times;
    // The tolerance keeps 0.9 × 30 = 27.000000000000004 at the 27th.
    if (below >= q * total - 1e-9 * total) return value;
  }
  return last;
}

/**
 * How many values are above the limit, among all of them: a quantile is worse exactly when that share is. A bucket in which the limit
 * lies counts as not above it, so that with sketches the limit is in truth the bucket's upper bound: see {@link limitIn}.
 */
export function countAbove(figures: Figures, limit: number): { readonly events: number; readonly exposure: number } {
  if (!isSketch(figures)) {
    const events = figures.reduce((count, value) => (value > limit ? count + 1 : count), 0);
    return { events, exposure: figures.length };
  }
  let events = 0;
  let exposure = 0;
  for (const [index, count] of figures.counts.entries()) {
    exposure += count;
    if (index > 0 && boundOf(figures, index - 1) >= limit) events += count;
  }
  return { events, exposure };
}

/** The limit that sketches can tell: the lowest bound that is not below it. Infinite where values above it cannot be told apart at all. */
export function limitIn(figures: readonly Figures[], limit: number): number {
  let least = limit;
  for (const each of figures) {
    if (!isSketch(each)) continue;
    least = Math.max(least, each.bounds.find((bound) => bound >= limit) ?? Number.POSITIVE_INFINITY);
  }
  return least;
}

/** There may be one more count than bounds: what lies above all of them. */
function boundOf({ bounds }: Sketch, index: number): number {
  return bounds[index] ?? Number.POSITIVE_INFINITY;
}
