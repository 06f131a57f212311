import type { CounterReading, MetricReading } from '../../engine/ports/scrape.ts';
import { type CounterSelector, parseCounterSelector } from './counterSelector.ts';
import type { Exposition, Sample } from './exposition.ts';

/** As many names are told, so that a misspelt one can be set right. */
const MAX_NAMES = 200;
/** A label's value that is longer is not looked at with an expression. */
const MAX_VALUE_LENGTH = 1024;
const PROCESS_START = 'process_start_time_seconds';

/** Reads the watched counters out of an exposition. `watches`: metric name → counter with matchers. */
export function readCounters(exposition: Exposition, watches: Readonly<Record<string, string>>): CounterReading {
  const byName = Map.groupBy(exposition.samples, (sample) => sample.name);
  const metrics = Object.entries(watches).map(([metric, counter]) => [metric, readMetric(exposition, byName, counter)]);
  const start = byName.get(PROCESS_START)?.[0]?.value;
  return {
    metrics: Object.fromEntries(metrics),
    exposedCounters: [...new Set([...byName.keys(), ...exposition.types.keys()])]
      .filter((name) => kindOf(exposition, byName, name) === 'counter')
      .sort()
      .slice(0, MAX_NAMES),
    processStart: start !== undefined && Number.isFinite(start) ? start : null,
  };
}

function readMetric(
  exposition: Exposition,
  byName: ReadonlyMap<string, readonly Sample[]>,
  counter: string,
): MetricReading {
  const selector = parseCounterSelector(counter);
  if (!selector.ok) return problem(selector.error);
  const { name, matchers } = selector.value;
  const kind = kindOf(exposition, byName, name);
  if (kind === 'other') return problem(`${name} is not a counter but a ${exposition.types.get(name)}`);
  const samples = byName.get(name) ?? [];
  const series = new Map<string, number>();
  for (const sample of samples) {
    const selected = isSelected(sample, matchers);
    if (selected === null) return problem(`${name}: a label has a value of more than ${MAX_VALUE_LENGTH} characters`);
    if (!selected) continue;
    const key = seriesKey(sample);
    if (series.has(key)) return problem(`${name}: the same series ${key} is shown twice`);
    if (!(sample.value >= 0 && sample.value < Number.POSITIVE_INFINITY))
      return problem(`${name}${key} is ${sample.value}, which no counter can be`);
    series.set(key, sample.value);
  }
  return { present: isPresent(samples, matchers, kind), series, problem: '' };
}

function problem(says: string): MetricReading {
  return { present: false, series: new Map(), problem: says };
}

function isSelected({ labels }: Sample, matchers: CounterSelector['matchers']): boolean | null {
  for (const { label, matches } of matchers) {
    const value = labelValue(labels, label) ?? '';
    if (value.length > MAX_VALUE_LENGTH) return null;
    if (!matches(value)) return false;
  }
  return true;
}

/**
 * Whether the service counts what the selector names. That no series matches now is no sign of the contrary: nothing has failed
 * yet. That no series carries a label which the selector asks for is: it is misspelt, and would read 0 for ever.
 */
function isPresent(samples: readonly Sample[], matchers: CounterSelector['matchers'], kind: Kind): boolean {
  const asked = matchers.filter(({ matches }) => !matches('')).map(({ label }) => label);
  // Declared, but without a series so far: then its labels cannot be known either.
  if (samples.length === 0) return kind === 'counter' && asked.length === 0;
  return samples.some(({ labels }) => asked.every((label) => labelValue(labels, label) !== undefined));
}

function labelValue(labels: Sample['labels'], label: string): string | undefined {
  return labels.find(([name]) => name === label)?.[1];
}

function seriesKey({ labels }: Sample): string {
  return `{${labels
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort()
    .join(',')}}`;
}

/** `unknown`: the service does not say what it is; it is taken for a counter when it is asked for. */
type Kind = 'counter' | 'other' | 'unknown';

function kindOf({ types }: Exposition, byName: ReadonlyMap<string, unknown>, name: string): Kind {
  const own = types.get(name);
  // OpenMetrics names the family without the ending that its samples have.
  if (own === 'counter') return byName.has(`${name}_total`) && !byName.has(name) ? 'unknown' : 'counter';
  if (own === 'untyped' || own === 'unknown') return name.endsWith('_total') ? 'counter' : 'unknown';
  const [, family, part] = /^(.+)_(total|count|sum|bucket)$/.exec(name) ?? [];
  const type = types.get(family ?? '');
  if (part === 'total' && type === 'counter') return 'counter';
  if (part !== undefined && part !== 'total' && (type === 'histogram' || type === 'summary'))
    return part === 'sum' ? 'unknown' : 'counter';
  if (own !== undefined) return 'other';
  return name.endsWith('_total') ? 'counter' : 'unknown';
}
