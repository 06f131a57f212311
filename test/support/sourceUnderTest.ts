import { systemClock } from '../../src/adapters/clock/systemClock.ts';
import { systemEntropy } from '../../src/adapters/entropy/systemEntropy.ts';
import { OtlpReceiver } from '../../src/adapters/source/otlp/otlpReceiver.ts';
import { SourceBook } from '../../src/adapters/source/sourceBook.ts';
import { SourcePoller } from '../../src/adapters/source/sourcePoller.ts';
import type { MetricFault } from '../../src/core/analysis/metricFault.ts';
import { EMPTY_WORLD } from '../../src/core/record/evolveWorld.ts';
import type { World } from '../../src/core/record/world.ts';
import { pipeline } from '../../src/core/rollout/fixtures.ts';
import type { MetricSpec } from '../../src/core/topology/metric.ts';
import type { MetricSource } from '../../src/core/topology/metricSource.ts';
import { nameKey } from '../../src/core/topology/target.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { Measurement } from '../../src/engine/ports/figures.ts';
import type { SourceMetricView, SourceView } from '../../src/engine/ports/metricSources.ts';

/** Asks real sources in windows of a second, and keeps what it would have told the engine. */
export interface SourceUnderTest {
  readonly faults: ReadonlyMap<string, MetricFault>;
  readonly logged: readonly string[];
  /** What has arrived of a target, by its name. */
  measured(target: string, metric: string): readonly Measurement[];
  /** All of its figures added up: of a counter, how much it has grown. */
  sum(target: string, metric: string): number;
  state(metric: string): SourceMetricView | undefined;
  views(): readonly SourceView[];
  /** What an OpenTelemetry SDK would send. */
  readonly receiver: OtlpReceiver;
  /** Another manifest takes the place of the first. */
  change(sources: Readonly<Record<string, MetricSource>>, metrics: Readonly<Record<string, MetricSpec>>): void;
  close(): Promise<void>;
}

export interface SourceStory {
  readonly sources: Readonly<Record<string, MetricSource>>;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly freshMs?: number;
  readonly silentMs?: number;
  /** By which what is sent is judged; the machine's own if left out. */
  readonly clock?: Clock;
  /** Names; `shop-1` and `shop-2` if left out. */
  readonly targets?: readonly string[];
}

export function askSources(story: SourceStory): SourceUnderTest {
  const names = story.targets ?? ['shop-1', 'shop-2'];
  const uids = new Map(names.map((name, index) => [name, index.toString(16).padStart(32, '0')]));
  const targets = names.map((name) => ({ uid: uids.get(name) ?? '', name, service: 'shop', role: 'web', labels: {} }));
  const worldWith = (sources: SourceStory['sources'], metrics: SourceStory['metrics']): World => ({
    ...EMPTY_WORLD,
    services: new Map([['shop', { name: 'shop', roles: ['web'], slots: {}, metrics, sources, dependsOn: [] }]]),
    pipelines: new Map([['shop', { ...pipeline(), service: 'shop', windowMs: 1000 }]]),
    targets: new Map(targets.map((target) => [target.uid, target])),
    targetNames: new Map(targets.map((target) => [nameKey(target), target.uid])),
  });
  let world = worldWith(story.sources, story.metrics);

  const faults = new Map<string, MetricFault>();
  const arrived = new Map<string, Measurement[]>();
  const logged: string[] = [];
  const log = (message: string, data?: object) => void logged.push(`${message} ${JSON.stringify(data)}`);
  const figures = {
    measured: (uid: string, measurement: Measurement) => {
      const key = `${uid}\n${measurement.metric}`;
      arrived.set(key, [...(arrived.get(key) ?? []), measurement]);
    },
    fault: (_service: string, metric: string, fault: MetricFault | null) => {
      if (fault === null) faults.delete(metric);
      else faults.set(metric, fault);
    },
  };
  const clock = systemClock;
  const book = new SourceBook({ figures, clock, logger: { debug: log, info: log, warn: log, error: log } });
  const { freshMs } = story;
  const poller = new SourcePoller({
    world: () => world,
    figures,
    book,
    clock,
    entropy: systemEntropy,
    secrets: new Map(Object.entries(story.secrets ?? {})),
    ...(freshMs === undefined ? {} : { freshMs }),
  });
  poller.follow();
  const { silentMs } = story;
  const receiver = new OtlpReceiver({
    world: () => world,
    figures,
    book,
    clock: story.clock ?? clock,
    ...(silentMs === undefined ? {} : { silentMs }),
  });
  const measured = (target: string, metric: string) => arrived.get(`${uids.get(target)}\n${metric}`) ?? [];
  return {
    faults,
    logged,
    receiver,
    measured,
    sum: (target, metric) =>
      measured(target, metric)
        .flatMap((each) => ('bounds' in each.figures ? [] : each.figures))
        .reduce((a, b) => a + b, 0),
    state: (metric) => book.views().flatMap((view) => view.metrics.filter((each) => each.metric === metric))[0],
    views: () => book.views(),
    change(sources, metrics) {
      world = worldWith(sources, metrics);
      poller.follow();
      receiver.follow();
    },
    async close() {
      receiver.close();
      await poller.close();
    },
  };
}
