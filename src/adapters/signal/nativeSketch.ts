import type { Sketch } from '../../core/analysis/targetSample.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { BucketSpan, Histogram } from '../../wire/prometheus/generated/metrics_pb.ts';

/** Of the exponential schemas there are these. */
const SCHEMAS = { coarsest: -4, finest: 8 };
/** Finer buckets than these many are joined, which the schemas are made for: every second bound stays. */
const MAX_POPULATED = 80;
/** Nobody observes from the smallest to the largest number there is in the finest schema. */
const MAX_BUCKETS = 20_000;

/**
 * The native buckets of a histogram as a sketch of everything observed since the service started. A bucket is populated or nothing is in
 * it: both edges of each populated one are bounds. Negative buckets, which take their lower edge in and not the upper one, are taken as
 * if it were the other way round.
 */
export function nativeSketch(histogram: Histogram): Result<Sketch, string> {
  const { schema, zeroThreshold, zeroCount, zeroCountFloat, sampleCount, sampleCountFloat, sampleSum } = histogram;
  if (schema < SCHEMAS.coarsest || schema > SCHEMAS.finest)
    return err(`has the schema ${schema}; ${SCHEMAS.coarsest} to ${SCHEMAS.finest} can be read`);
  if (!(zeroThreshold >= 0 && zeroThreshold < Number.POSITIVE_INFINITY))
    return err(`has a zero bucket up to ${zeroThreshold}; expected 0 or more`);
  const positive = populated(histogram.positiveSpan, histogram.positiveDelta, histogram.positiveCount);
  if (!positive.ok) return positive;
  const negative = populated(histogram.negativeSpan, histogram.negativeDelta, histogram.negativeCount);
  if (!negative.ok) return negative;

  const edge = edges(schema, positive.value, negative.value);
  const buckets: Bucket[] = [
    ...negative.value.toReversed().map(({ index, count }) => {
      const { lower, upper } = edge(index);
      return { lower: -upper, upper: Math.min(-lower, -zeroThreshold), count };
    }),
    { lower: -zeroThreshold, upper: zeroThreshold, count: countOf(zeroCount, zeroCountFloat) },
    ...positive.value.map(({ index, count }) => {
      const { lower, upper } = edge(index);
      return { lower: Math.max(lower, zeroThreshold), upper, count };
    }),
  ];
  const sketch = joinedBuckets(buckets, sampleSum);
  if (sketch === null) return err('has buckets that overlap');
  const [held, said] = [sketch.counts.reduce((sum, count) => sum + count, 0), countOf(sampleCount, sampleCountFloat)];
  // Float histograms may be the result of a calculation, and don't add up to the last digit.
  if (!(Math.abs(held - said) <= 1e-9 * Math.max(held, said)))
    return err(`counts ${said} observations, and its buckets hold ${held}`);
  return ok(sketch);
}

interface Populated {
  readonly index: number;
  readonly count: number;
}

interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** The buckets that hold something, by their indexes, which grow. */
function populated(
  spans: readonly BucketSpan[],
  deltas: readonly bigint[],
  floats: readonly number[],
): Result<readonly Populated[], string> {
  const counts = floats.length > 0 ? floats : running(deltas);
  const length = spans.reduce((sum, span) => sum + span.length, 0);
  if (counts.length > MAX_BUCKETS) return err(`shows ${counts.length} buckets; at most ${MAX_BUCKETS} are read`);
  if (length !== counts.length) return err(`names ${length} buckets in its spans, and shows ${counts.length}`);
  const found: Populated[] = [];
  let index = 0;
  let at = 0;
  for (const [number, { offset, length: many }] of spans.entries()) {
    if (number > 0 && offset < 0) return err('has a span that begins before the one before it ends');
    index += offset;
    for (const count of counts.slice(at, at + many)) {
      if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) return err(`has a bucket with ${count} observations`);
      if (count > 0) found.push({ index, count });
      index++;
    }
    at += many;
  }
  return ok(found);
}

function running(deltas: readonly bigint[]): readonly number[] {
  let count = 0n;
  return deltas.map((delta) => {
    count += delta;
    return Number(count);
  });
}

/** Where the buckets begin and end, in a schema that is coarse enough for so many. */
function edges(schema: number, ...sides: readonly (readonly Populated[])[]) {
  let coarser = 0;
  while (sides.reduce((sum, side) => sum + distinct(side, coarser), 0) > MAX_POPULATED) coarser++;
  // Powers of the same numbers whatever the schema: bounds of a coarser one are among those of a finer one, to the last digit.
  const bound = (index: number) => 2 ** (index * 2 ** -(schema - coarser));
  return (index: number) => {
    const joined = Math.ceil(index / 2 ** coarser);
    return { lower: bound(joined - 1), upper: bound(joined) };
  };
}

function distinct(side: readonly Populated[], coarser: number): number {
  let found = 0;
  let last: number | null = null;
  for (const { index } of side) {
    const joined = Math.ceil(index / 2 ** coarser);
    if (joined !== last) found++;
    last = joined;
  }
  return found;
}

/** `null`: they overlap. Buckets that were joined, and those beyond what a number can be, have the same bound. */
function joinedBuckets(buckets: readonly Bucket[], sum: number): Sketch | null {
  const bounds: number[] = [];
  const counts: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { lower, upper, count } of buckets) {
    if (count === 0) continue;
    if (upper < last || upper === Number.NEGATIVE_INFINITY) return null;
    if (upper === last) {
      counts.push((counts.pop() ?? 0) + count);
      continue;
    }
    if (lower > last && lower < upper) {
      bounds.push(lower);
      counts.push(0);
    }
    bounds.push(upper);
    counts.push(count);
    last = upper;
  }
  return { bounds, counts, sum };
}

/** Of a whole count and a float one, of which one is left out. */
export function countOf(whole: bigint, float: number): number {
  return float === 0 ? Number(whole) : float;
}

/** Also before anything was observed: then it says what its zero bucket is, or has a span that is empty. */
export function isNative({ zeroThreshold, zeroCount, zeroCountFloat, positiveSpan, negativeSpan }: Histogram): boolean {
  return (
    zeroThreshold !== 0 ||
    zeroCount !== 0n ||
    zeroCountFloat !== 0 ||
    positiveSpan.length > 0 ||
    negativeSpan.length > 0
  );
}
