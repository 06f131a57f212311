import type { Sketch } from '../../core/analysis/targetSample.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Histogram } from '../../wire/prometheus/generated/metrics_pb.ts';
import { parseValue, type Sample } from './exposition.ts';
import { nativeSketch } from './nativeSketch.ts';
import { labelValue, seriesKey } from './selectSeries.ts';

/** One histogram as the service shows it: the labels that name it, and what is known of its buckets. */
export interface ShownHistogram {
  readonly labels: Sample['labels'];
  /** By upper bounds as they are written; everything up to there. */
  readonly buckets: (readonly [le: string, count: number])[];
  sum: number | undefined;
  count: number | undefined;
  native: Histogram | null;
}

/** All histograms of a family. Of one that has both kinds of buckets the native ones are the better. */
export function histogramsOf(
  name: string,
  byName: ReadonlyMap<string, readonly Sample[]>,
  natives: readonly { readonly labels: Sample['labels']; readonly histogram: Histogram }[],
): readonly ShownHistogram[] {
  const shown = new Map<string, ShownHistogram>();
  const of = (labels: Sample['labels']) => {
    const key = seriesKey(labels);
    let histogram = shown.get(key);
    if (histogram === undefined) {
      histogram = { labels, buckets: [], sum: undefined, count: undefined, native: null };
      shown.set(key, histogram);
    }
    return histogram;
  };
  for (const { labels, value } of byName.get(`${name}_bucket`) ?? []) {
    const own = labels.filter(([label]) => label !== 'le');
    of(own).buckets.push([labelValue(labels, 'le') ?? '', value]);
  }
  for (const { labels, value } of byName.get(`${name}_sum`) ?? []) of(labels).sum = value;
  for (const { labels, value } of byName.get(`${name}_count`) ?? []) of(labels).count = value;
  for (const { labels, histogram } of natives) of(labels).native = histogram;
  return [...shown.values()];
}

/** Everything it has observed since the service started. The error says what is wrong with it. */
export function sketchOf({ buckets, sum, count, native }: ShownHistogram): Result<Sketch, string> {
  if (sum === undefined) return err('has no sum');
  if (!Number.isFinite(sum)) return err(`has the sum ${sum}: something was observed that is no finite number`);
  if (native !== null) return nativeSketch(native);
  return classicSketch(buckets, sum, count);
}

function classicSketch(
  buckets: ShownHistogram['buckets'],
  sum: number,
  count: number | undefined,
): Result<Sketch, string> {
  const upTo: { readonly bound: number; readonly count: number }[] = [];
  for (const [le, value] of buckets) {
    const bound = parseValue(le);
    if (bound === null || !(bound > Number.NEGATIVE_INFINITY))
      return err(`has a bucket up to ${JSON.stringify(le.slice(0, 40))}`);
    upTo.push({ bound, count: value });
  }
  upTo.sort((left, right) => left.bound - right.bound);
  if (upTo.at(-1)?.bound !== Number.POSITIVE_INFINITY) {
    if (count === undefined) return err('has neither a bucket up to +Inf nor a count');
    upTo.push({ bound: Number.POSITIVE_INFINITY, count });
  }
  const counts: number[] = [];
  let below = { bound: Number.NEGATIVE_INFINITY, count: 0 };
  for (const each of upTo) {
    if (each.bound === below.bound) return err(`has two buckets up to ${each.bound}`);
    if (!(each.count >= below.count && each.count < Number.POSITIVE_INFINITY))
      return err(`counts ${each.count} up to ${each.bound}, and ${below.count} up to ${below.bound}`);
    counts.push(each.count - below.count);
    below = each;
  }
  return ok({ bounds: upTo.map(({ bound }) => bound), counts, sum });
}
