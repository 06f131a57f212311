import type { ScrapedMetric } from '../../core/topology/metric.ts';
import type { ExpositionReading, MetricReading, Watches } from '../../engine/ports/scrape.ts';
import type { Exposition, Sample } from './exposition.ts';
import { familyKind, type ReadAs } from './familyKind.ts';
import { histogramsOf, sketchOf } from './readHistograms.ts';
import { isPresent, selectSeries } from './selectSeries.ts';
import { parseSeriesSelector, type SeriesSelector } from './seriesSelector.ts';

/** As many names are told of each kind, so that a misspelt one can be set right. */
const MAX_NAMES = 200;
const PROCESS_START = 'process_start_time_seconds';
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/;

/** An exposition, with its samples by their names. */
interface Page extends Exposition {
  readonly byName: ReadonlyMap<string, readonly Sample[]>;
}

/** Reads what is wanted out of an exposition. */
export function readMetrics(exposition: Exposition, watches: Watches): ExpositionReading {
  const page = { ...exposition, byName: Map.groupBy(exposition.samples, (sample) => sample.name) };
  const start = page.byName.get(PROCESS_START)?.[0]?.value;
  return {
    metrics: Object.fromEntries(Object.entries(watches).map(([metric, watch]) => [metric, readMetric(page, watch)])),
    exposed: exposedNames(page),
    processStart: start !== undefined && Number.isFinite(start) ? start : null,
  };
}

function exposedNames(page: Page): ExpositionReading['exposed'] {
  const names = new Set([...page.byName.keys(), ...page.types.keys()]);
  const byKind = Map.groupBy([...names].filter((name) => NAME.test(name)).sort(), (name) => familyKind(page, name));
  const first = (kind: string) => (byKind.get(kind) ?? []).slice(0, MAX_NAMES);
  return { counters: first('counter'), gauges: first('gauge'), histograms: first('histogram') };
}

function readMetric(page: Page, watch: ScrapedMetric): MetricReading {
  if ('counter' in watch) return readNumbers(page, 'counter', watch.counter);
  if ('gauge' in watch) return readNumbers(page, 'gauge', watch.gauge);
  return readSketches(page, watch.histogram);
}

function readNumbers(page: Page, readAs: 'counter' | 'gauge', written: string): MetricReading {
  const problem = (says: string) => ({ present: false, series: new Map(), problem: says });
  const found = find(page, readAs, written);
  if (typeof found === 'string') return problem(found);
  const { name, matchers, isDeclared } = found;
  const samples = page.byName.get(name) ?? [];
  const selected = selectSeries(name, samples, matchers);
  if (!selected.ok) return problem(selected.error);
  const series = new Map<string, number>();
  for (const [key, { value }] of selected.value) {
    // What cannot be measured just now is shown as NaN; a counter always can.
    if (readAs === 'gauge' && Number.isNaN(value)) continue;
    if (!Number.isFinite(value) || (readAs === 'counter' && value < 0))
      return problem(`${name}${key} is ${value}, which no ${readAs} can be`);
    series.set(key, value);
  }
  return { present: isPresent(samples, matchers, isDeclared), series, problem: '' };
}

function readSketches(page: Page, written: string): MetricReading {
  const problem = (says: string) => ({ present: false, sketches: new Map(), problem: says });
  const found = find(page, 'histogram', written);
  if (typeof found === 'string') return problem(found);
  const { name, matchers, isDeclared } = found;
  if (matchers.some(({ label }) => label === 'le'))
    return problem(`${name}: le is a label of its buckets, not of the histogram`);
  const shown = histogramsOf(
    name,
    page.byName,
    page.natives.filter((native) => native.name === name),
  );
  const selected = selectSeries(name, shown, matchers);
  if (!selected.ok) return problem(selected.error);
  const sketches = new Map();
  for (const [key, histogram] of selected.value) {
    const sketch = sketchOf(histogram);
    if (!sketch.ok) return problem(`${name}${key} ${sketch.error}`);
    sketches.set(key, sketch.value);
  }
  return { present: isPresent(shown, matchers, isDeclared), sketches, problem: '' };
}

/** The selector, or why nothing can be read by it. */
function find(
  page: Page,
  readAs: ReadAs,
  written: string,
): (SeriesSelector & { readonly isDeclared: boolean }) | string {
  const selector = parseSeriesSelector(written);
  if (!selector.ok) return selector.error;
  const { name } = selector.value;
  const kind = familyKind(page, name);
  if (kind !== readAs && !mayBe(kind, readAs)) return `${name} is not a ${readAs} but a ${kind}`;
  return { ...selector.value, isDeclared: kind === readAs };
}

/** What the service does not say the kind of is taken for what it is asked for. */
function mayBe(kind: string, readAs: ReadAs): boolean {
  return kind === 'unknown' || (kind === 'sum' && readAs === 'counter');
}
