import { BinaryReader } from '@bufbuild/protobuf/wire';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { boundedDecode } from '../../wire/opamp/boundedDecode.ts';
import {
  type Histogram,
  type Metric,
  type MetricFamily,
  MetricFamilySchema,
  MetricType,
} from '../../wire/prometheus/generated/metrics_pb.ts';
import type { Exposition, NativeSample, Sample } from './exposition.ts';
import { goFloat } from './goFloat.ts';
import { countOf, isNative } from './nativeSketch.ts';

/** Of one family. A sample takes about ten. */
const MAX_RECORDS = 500_000;
/** Decoding one takes a while, also where there is nothing in it. */
const MAX_FAMILIES = 20_000;

const TYPE_WORDS: Readonly<Record<MetricType, string>> = {
  [MetricType.COUNTER]: 'counter',
  [MetricType.GAUGE]: 'gauge',
  [MetricType.SUMMARY]: 'summary',
  [MetricType.UNTYPED]: 'untyped',
  [MetricType.HISTOGRAM]: 'histogram',
  [MetricType.GAUGE_HISTOGRAM]: 'gaugehistogram',
};

/**
 * Reads the protobuf format, whole or not at all. Everything but native buckets becomes the samples that the text format would show,
 * under the same names and labels: a selector means the same in both.
 */
export function parseProtobufExposition(bytes: Uint8Array): Result<Exposition, string> {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const natives: NativeSample[] = [];
  for (let at = 0, number = 1; at < bytes.length; number++) {
    if (number > MAX_FAMILIES) return err(`there are more than ${MAX_FAMILIES} families`);
    const body = delimited(bytes, at);
    if (body === null) return err(`family ${number}: the answer ends within it`);
    at = body.end;
    const family = boundedDecode(MetricFamilySchema, bytes.subarray(body.start, body.end), MAX_RECORDS);
    if (!family.ok) return err(`family ${number}: ${family.error}`);
    const { name, type, metric: metrics } = family.value;
    types.set(name, TYPE_WORDS[type] ?? 'unknown');
    for (const metric of metrics) {
      const shown = samplesOf(family.value, metric);
      if (shown === null) return err(`family ${number}: a ${types.get(name)} without a value`);
      for (const sample of shown) samples.push(sample);
      if (metric.histogram !== undefined && isNative(metric.histogram))
        natives.push({ name, labels: labelsOf(metric), histogram: metric.histogram });
    }
  }
  return ok({ types, samples, natives });
}

/** From where to where the message is whose length stands here; `null`: not within the bytes. */
function delimited(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } | null {
  try {
    const reader = new BinaryReader(bytes.subarray(at, at + LONGEST_VARINT));
    const length = reader.uint32();
    const start = at + reader.pos;
    return length <= bytes.length - start ? { start, end: start + length } : null;
  } catch {
    return null;
  }
}

const LONGEST_VARINT = 10;

/** `null`: it has not what its family's type says. */
function samplesOf({ name, type }: MetricFamily, metric: Metric): readonly Sample[] | null {
  const labels = labelsOf(metric);
  switch (type) {
    case MetricType.COUNTER:
      return metric.counter === undefined ? null : [{ name, labels, value: metric.counter.value }];
    case MetricType.GAUGE:
      return metric.gauge === undefined ? null : [{ name, labels, value: metric.gauge.value }];
    case MetricType.UNTYPED:
      return metric.untyped === undefined ? null : [{ name, labels, value: metric.untyped.value }];
    case MetricType.SUMMARY: {
      if (metric.summary === undefined) return null;
      const { sampleCount, sampleSum, quantile: quantiles } = metric.summary;
      return [
        ...quantiles.map(({ quantile, value }) => ({
          name,
          labels: [...labels, ['quantile', goFloat(quantile)] as const],
          value,
        })),
        { name: `${name}_sum`, labels, value: sampleSum },
        { name: `${name}_count`, labels, value: Number(sampleCount) },
      ];
    }
    case MetricType.HISTOGRAM:
    case MetricType.GAUGE_HISTOGRAM:
      return metric.histogram === undefined ? null : classicSamples(name, labels, metric.histogram);
    default:
      return [];
  }
}

function classicSamples(name: string, labels: Sample['labels'], histogram: Histogram): readonly Sample[] {
  const { sampleSum, bucket: buckets } = histogram;
  const total = countOf(histogram.sampleCount, histogram.sampleCountFloat);
  const sums = [
    { name: `${name}_sum`, labels, value: sampleSum },
    { name: `${name}_count`, labels, value: total },
  ];
  const bucket = (upperBound: number, value: number) => ({
    name: `${name}_bucket`,
    labels: [...labels, ['le', goFloat(upperBound)] as const],
    value,
  });
  const shown = buckets.map((each) =>
    bucket(each.upperBound, countOf(each.cumulativeCount, each.cumulativeCountFloat)),
  );
  // In this format the last bucket goes without saying.
  if (buckets.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) shown.push(bucket(Number.POSITIVE_INFINITY, total));
  return [...shown, ...sums];
}

function labelsOf({ label: labels }: Metric): Sample['labels'] {
  return labels.map(({ name, value }) => [name, value] as const);
}
