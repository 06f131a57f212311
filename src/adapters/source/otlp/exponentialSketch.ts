import type { Sketch } from '../../../core/analysis/targetSample.ts';
import { err, ok, type Result } from '../../../core/kernel/result.ts';
import type { ExponentialHistogramDataPoint } from '../../../wire/otlp/generated/metrics_pb.ts';

/**
 * Eight buckets from each power of two to the next: within 9 %. All sketches that are finer are made so coarse, which loses nothing
 * but that, and so they all have bounds of one grid, at which they can be added up and compared exactly.
 */
const FINEST_SCALE = 3;
const COARSEST_SCALE = -10;
/** SDKs use 160. */
const MOST_BUCKETS = 2048;
/** Of the exponents of two that a number can have, and some. */
const FARTHEST_EXPONENT = 1100;

/** An exponential histogram as a sketch. The error says what is wrong with it, as what follows "it sends". */
export function exponentialSketch(point: ExponentialHistogramDataPoint): Result<Sketch, string> {
  const { count, sum, scale, zeroCount, zeroThreshold, positive, negative } = point;
  if (sum === undefined) return err('a histogram without its sum, which its mean is made of');
  if (scale < COARSEST_SCALE || scale > 20) return err(`an exponential histogram of scale ${scale}`);
  const sides = [positive, negative].map((side) => ({ offset: side?.offset ?? 0, counts: side?.bucketCounts ?? [] }));
  const all = sides.flatMap(({ counts }) => counts);
  if (all.length > MOST_BUCKETS) return err(`an exponential histogram of ${all.length} buckets`);
  if (all.reduce((total, each) => total + each, zeroCount) !== count)
    return err('a histogram whose buckets do not add up to its count');
  if (!(zeroThreshold >= 0 && Number.isFinite(zeroThreshold)))
    return err(`an exponential histogram with ${zeroThreshold} as the bound of its zeros`);
  const shift = Math.max(0, scale - FINEST_SCALE);
  const [above, below] = sides.map(({ offset, counts }) => coarseBuckets(offset, counts, shift));
  const grid = 2 ** -(scale - shift);
  const bound = (index: number) => 2 ** (index * grid);
  const isFar = (index: number) => Math.abs(index * grid) > FARTHEST_EXPONENT;
  if ([...(above?.keys() ?? []), ...(below?.keys() ?? [])].some(isFar))
    return err('an exponential histogram with buckets beyond all numbers');

  const buckets = new Map<number, number>();
  const put = (limit: number, many: number) => buckets.set(limit, (buckets.get(limit) ?? 0) + many);
  // What is above -base^(i+1) and not above -base^i.
  for (const [index, many] of below ?? []) {
    put(-bound(index + 1), 0);
    put(-bound(index), many);
  }
  if (zeroCount > 0n) put(zeroThreshold, Number(zeroCount));
  for (const [index, many] of above ?? []) {
    put(bound(index), 0);
    put(bound(index + 1), many);
  }
  if (buckets.size === 0) put(Number.POSITIVE_INFINITY, 0);
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  return ok({ bounds: sorted.map(([limit]) => limit), counts: sorted.map(([, many]) => many), sum });
}

/** Buckets that are not empty, by their index on a grid that is coarser by `shift` powers of two. */
function coarseBuckets(offset: number, counts: readonly bigint[], shift: number): ReadonlyMap<number, number> {
  const coarse = new Map<number, number>();
  counts.forEach((many, at) => {
    // A division that rounds down, also below 0.
    const index = Math.floor((offset + at) / 2 ** shift);
    if (many > 0n) coarse.set(index, (coarse.get(index) ?? 0) + Number(many));
  });
  return coarse;
}
