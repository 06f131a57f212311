import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { FigureIntake } from '../../engine/ports/figures.ts';
import type { Logger } from '../../engine/ports/logger.ts';
import type { SourceMetricView, SourceState, SourceView } from '../../engine/ports/metricSources.ts';

export type SourceTitle = Pick<SourceView, 'service' | 'name' | 'kind' | 'url'>;

/** What came of one metric: of how many targets, and what a person should know of it. */
export interface MetricNews {
  readonly targets: number;
  readonly note: string;
}

interface Source {
  readonly title: SourceTitle;
  readonly metrics: Map<string, SourceMetricView>;
  state: SourceState;
  since: Instant;
}

/** From the worst to the best. */
const WORST_FIRST: readonly SourceState[] = [
  'source-down',
  'source-slow',
  'clock-skew',
  'source-error',
  'waiting',
  'ok',
];

interface SourceBookOptions {
  readonly figures: Pick<FigureIntake, 'fault'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How each source does, metric by metric. It tells the engine, and the log when it changes. */
export class SourceBook {
  readonly #sources = new Map<string, Source>();
  readonly #options: SourceBookOptions;

  constructor(options: SourceBookOptions) {
    this.#options = options;
  }

  /** A source and the metrics that it is to give. What it gave no more is forgotten, and what it gives already is left as it is. */
  expect(title: SourceTitle, metrics: readonly string[]): void {
    const key = keyOf(title);
    const now = this.#options.clock.now();
    const known = this.#sources.get(key);
    const source: Source = { state: 'waiting', since: now, ...known, title, metrics: known?.metrics ?? new Map() };
    this.#sources.set(key, source);
    for (const metric of source.metrics.keys()) if (!metrics.includes(metric)) this.#drop(source, metric);
    for (const metric of metrics) {
      if (source.metrics.has(metric)) continue;
      source.metrics.set(metric, { metric, state: 'waiting', says: '', since: now, lastAnswer: null, targets: 0 });
    }
    this.#weigh(source);
  }

  /** A source that is not asked any more. */
  forget(service: string, name: string): void {
    const source = this.#sources.get(keyOf({ service, name }));
    if (source === undefined) return;
    for (const metric of source.metrics.keys()) this.#drop(source, metric);
    this.#sources.delete(keyOf({ service, name }));
  }

  /** What came of asking for a metric. Of one that is not expected nothing is kept. */
  heard(service: string, name: string, metric: string, outcome: Result<MetricNews, MetricFault>): void {
    const source = this.#sources.get(keyOf({ service, name }));
    const before = source?.metrics.get(metric);
    if (source === undefined || before === undefined) return;
    const now = this.#options.clock.now();
    const state = outcome.ok ? 'ok' : outcome.error.code;
    source.metrics.set(metric, {
      metric,
      state,
      says: outcome.ok ? outcome.value.note : outcome.error.says,
      since: state === before.state ? before.since : now,
      lastAnswer: outcome.ok ? now : before.lastAnswer,
      targets: outcome.ok ? outcome.value.targets : before.targets,
    });
    this.#options.figures.fault(service, metric, outcome.ok ? null : outcome.error);
    this.#weigh(source);
  }

  views(): readonly SourceView[] {
    return [...this.#sources.values()]
      .map(({ title, metrics, state, since }) => {
        const all = [...metrics.values()];
        const answers = all.flatMap(({ lastAnswer }) => lastAnswer ?? []);
        return {
          ...title,
          state,
          says: all.find((metric) => metric.state === state && metric.says !== '')?.says ?? '',
          since,
          lastAnswer: answers.length === 0 ? null : Math.max(...answers),
          metrics: all,
        };
      })
      .sort((a, b) => compare(a.service, b.service) || compare(a.name, b.name));
  }

  #drop(source: Source, metric: string): void {
    source.metrics.delete(metric);
    this.#options.figures.fault(source.title.service, metric, null);
  }

  #weigh(source: Source): void {
    const states = new Set([...source.metrics.values()].map(({ state }) => state));
    const state = WORST_FIRST.find((each) => states.has(each)) ?? 'waiting';
    if (state === source.state) return;
    const { service, name } = source.title;
    const was = source.state;
    source.state = state;
    source.since = this.#options.clock.now();
    const says = [...source.metrics.values()].find((metric) => metric.state === state)?.says ?? '';
    if (state === 'ok') this.#options.logger.info('a source of metrics answers', { service, source: name, was });
    else if (state !== 'waiting')
      this.#options.logger.warn('a source of metrics gives nothing that can be used', {
        service,
        source: name,
        state,
        says,
      });
  }
}

function keyOf({ service, name }: Pick<SourceTitle, 'service' | 'name'>): string {
  return `${service}\n${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
