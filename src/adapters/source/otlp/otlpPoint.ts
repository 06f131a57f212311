import type { Sketch } from '../../../core/analysis/targetSample.ts';
import type { Instant } from '../../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../../core/kernel/result.ts';
import {
  AggregationTemporality,
  type ExponentialHistogramDataPoint,
  type HistogramDataPoint,
  type KeyValue,
  type Metric,
  type NumberDataPoint,
  type SummaryDataPoint,
} from '../../../wire/otlp/generated/metrics_pb.ts';
import { exponentialSketch } from './exponentialSketch.ts';

type RawPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint;

/** What a point says, whatever it was sent as. */
export type Reading =
  /** What it is now. */
  | { readonly kind: 'value'; readonly value: number }
  /** What was counted, or observed, `since` its start or since the point before. */
  | { readonly kind: 'count'; readonly value: number; readonly since: 'start' | 'before' }
  | { readonly kind: 'sketch'; readonly value: Sketch; readonly since: 'start' | 'before' };

export interface OtlpPoint {
  readonly attributes: readonly KeyValue[];
  /** `null`: it was not said. */
  readonly start: Instant | null;
  readonly time: Instant;
  /** An error says what is wrong with it, as what follows "it sends". */
  readonly reading: Result<Reading, string>;
}

/** Points that say that there was no value when one was expected are left out. */
const NO_VALUE = 1;

/** All points of a metric. */
export function* pointsOf({ data }: Metric): Iterable<OtlpPoint> {
  if (data.case === undefined) return;
  for (const point of data.value.dataPoints) {
    if ((point.flags & NO_VALUE) !== 0) continue;
    const { startTimeUnixNano, timeUnixNano, attributes } = point;
    const start = startTimeUnixNano === 0n ? null : msOf(startTimeUnixNano);
    yield { attributes, start, time: msOf(timeUnixNano), reading: readingOf(data, point) };
  }
}

function msOf(nanoseconds: bigint): Instant {
  return Number(nanoseconds / 1_000_000n);
}

function readingOf(data: Metric['data'], point: RawPoint): Result<Reading, string> {
  switch (data.case) {
    case 'gauge':
      return gaugeOf(point as NumberDataPoint);
    case 'sum':
      return sumOf(point as NumberDataPoint, data.value.isMonotonic, data.value.aggregationTemporality);
    case 'histogram':
      return sketchOf(explicitSketch(point as HistogramDataPoint), data.value.aggregationTemporality);
    case 'exponentialHistogram':
      return sketchOf(exponentialSketch(point as ExponentialHistogramDataPoint), data.value.aggregationTemporality);
    default:
      return err('a summary, whose quantiles cannot be added up: send a histogram');
  }
}

function numberOf({ value }: NumberDataPoint): Result<number, string> {
  if (value.case === undefined) return err('a point without a value');
  const number = Number(value.value);
  return Number.isFinite(number) ? ok(number) : err(`${number}, which is no measurement`);
}

function gaugeOf(point: NumberDataPoint): Result<Reading, string> {
  const value = numberOf(point);
  return value.ok ? ok({ kind: 'value', value: value.value }) : value;
}

function sumOf(
  point: NumberDataPoint,
  onlyRises: boolean,
  temporality: AggregationTemporality,
): Result<Reading, string> {
  const value = numberOf(point);
  if (!value.ok) return value;
  const since = sinceOf(temporality);
  if (since === null) return err('a sum that does not say since when (its temporality)');
  if (!onlyRises) {
    return since === 'start'
      ? ok({ kind: 'value', value: value.value })
      : err('only the changes of a sum that also falls, which say nothing of what it is: send it cumulatively');
  }
  if (value.value < 0) return err(`${value.value} as a sum that only rises`);
  return ok({ kind: 'count', value: value.value, since });
}

function sinceOf(temporality: AggregationTemporality): 'start' | 'before' | null {
  if (temporality === AggregationTemporality.CUMULATIVE) return 'start';
  return temporality === AggregationTemporality.DELTA ? 'before' : null;
}

function sketchOf(sketch: Result<Sketch, string>, temporality: AggregationTemporality): Result<Reading, string> {
  if (!sketch.ok) return sketch;
  const since = sinceOf(temporality);
  if (since === null) return err('a histogram that does not say since when (its temporality)');
  if (!Number.isFinite(sketch.value.sum)) return err(`a histogram whose sum is ${sketch.value.sum}`);
  return ok({ kind: 'sketch', value: sketch.value, since });
}

function explicitSketch({ count, sum, bucketCounts, explicitBounds }: HistogramDataPoint): Result<Sketch, string> {
  if (sum === undefined) return err('a histogram without its sum, which its mean is made of');
  // Without any buckets, nothing is known but how many there were.
  const counts = bucketCounts.length === 0 && explicitBounds.length === 0 ? [count] : bucketCounts;
  const bounds = [...explicitBounds, Number.POSITIVE_INFINITY];
  if (counts.length !== bounds.length)
    return err(`a histogram of ${counts.length} buckets with ${explicitBounds.length} bounds`);
  if (bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? Number.NEGATIVE_INFINITY))))
    return err('a histogram whose bounds do not rise');
  if (counts.reduce((all, each) => all + each, 0n) !== count)
    return err('a histogram whose buckets do not add up to its count');
  return ok({ bounds, counts: counts.map(Number), sum });
}
