export type Classification = 'Pass' | 'High' | 'Low' | 'Nodata';

/** Which direction is bad. */
export type Direction = 'increase' | 'decrease' | 'either';

export interface MannWhitneyOptions {
  readonly direction: Direction;
  /** Kayenta has 0.98 written into it. */
  readonly confidence: number;
  /** The interval must clear this share of the estimated shift; Kayenta has 0.25 written into it. */
  readonly tolerance: number;
  /** Ratio of means below which a High is none, and above which a Low is none. 1 unless said otherwise. */
  readonly allowedIncrease: number;
  readonly allowedDecrease: number;
}

export const KAYENTA: MannWhitneyOptions = {
  direction: 'increase',
  confidence: 0.98,
  tolerance: 0.25,
  allowedIncrease: 1,
  allowedDecrease: 1,
};

/**
 * Kayenta's classification of one metric, re-stated from its published rules (NetflixACAJudge 1.0): a Mann-Whitney test by the normal
 * approximation with corrections for ties and continuity, turned into an interval for the shift, which must clear a tolerance that is a
 * share of the estimated shift itself.
 */
export function classify(
  control: readonly number[],
  treated: readonly number[],
  options: MannWhitneyOptions,
): Classification {
  if (control.length === 0 || treated.length === 0) return 'Nodata';
  const [a, b] = [control.toSorted(ascending), treated.toSorted(ascending)];
  if (a.length === b.length && a.every((value, index) => value === b[index])) return 'Pass';
  if (new Set([...a, ...b]).size === 1) return 'Pass';
  const critical = normalQuantile((1 + options.confidence) / 2);
  const shift = shiftWhere(a, b, 0);
  const [low, high] = [shiftWhere(a, b, critical), shiftWhere(a, b, -critical)];
  const band = options.tolerance * Math.abs(shift);
  const effect = mean(a) === 0 || mean(b) === 0 ? Number.NaN : mean(b) / mean(a);
  const passes = (limit: boolean) => Number.isNaN(effect) || limit;
  if (options.direction !== 'decrease' && low > band && passes(effect >= options.allowedIncrease)) return 'High';
  if (options.direction !== 'increase' && high < -band && passes(effect <= options.allowedDecrease)) return 'Low';
  return 'Pass';
}

/** Share of the metrics that pass among those that have data, in percent; 0 where half of them or more have none. One group, equal weights. */
export function score(classifications: readonly Classification[]): number {
  const known = classifications.filter((one) => one !== 'Nodata');
  if (known.length * 2 <= classifications.length) return classifications.length === 0 ? 100 : 0;
  return (100 * known.filter((one) => one === 'Pass').length) / known.length;
}

/** The shift of `b` against `a` at which the corrected z-score is `z`: by bisection, for z falls as the shift grows. */
function shiftWhere(a: readonly number[], b: readonly number[], z: number): number {
  let low = (b[0] ?? 0) - (a.at(-1) ?? 0) - 1;
  let high = (b.at(-1) ?? 0) - (a[0] ?? 0) + 1;
  for (let step = 0; step < 60 && high - low > 1e-4; step++) {
    const middle = (low + high) / 2;
    if (zOf(a, b, middle) > z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** z of the rank sum of `b` moved down by `shift`, with corrections for ties and, towards 0, for continuity. */
function zOf(a: readonly number[], b: readonly number[], shift: number): number {
  const moved = b.map((value) => value - shift);
  const { rankSum, ties } = rank(moved, a);
  const [n, m] = [moved.length, a.length];
  const excess = rankSum - (n * (n + 1)) / 2 - (n * m) / 2;
  const total = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  return deviation === 0 ? 0 : (excess - Math.sign(excess) * 0.5) / deviation;
}

/** Sum of the ranks of `own` among both sorted lists, ties sharing theirs, and Σ (t³ − t) over ties. */
function rank(own: readonly number[], others: readonly number[]): { readonly rankSum: number; readonly ties: number } {
  let [mine, theirs, rankSum, ties] = [0, 0, 0, 0];
  while (mine < own.length || theirs < others.length) {
    const value = Math.min(own[mine] ?? Number.POSITIVE_INFINITY, others[theirs] ?? Number.POSITIVE_INFINITY);
    const before = mine + theirs;
    const first = mine;
    while (own[mine] === value) mine++;
    while (others[theirs] === value) theirs++;
    const tied = mine + theirs - before;
    rankSum += (mine - first) * (before + (tied + 1) / 2);
    ties += tied ** 3 - tied;
  }
  return { rankSum, ties };
}

function ascending(a: number, b: number): number {
  return a - b;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard normal's quantile by bisection of its distribution (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function normalQuantile(p: number): number {
  let [low, high] = [-10, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalDistribution(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x < 0 ? tail : 1 - tail;
}
