import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { ScrapedMetric } from '../../core/topology/metric.ts';

/** Reads what the service beside the agent shows of itself. What comes back is untrusted, bounded, and either whole or refused. */
export interface Scrape {
  /** Never rejects: the error says why there is no reading. */
  read(watches: Watches, signal: AbortSignal): Promise<Result<ExpositionReading, string>>;
}

/** What is wanted, by the name of the metric. */
export type Watches = Readonly<Record<string, ScrapedMetric>>;

export interface ExpositionReading {
  readonly metrics: Readonly<Record<string, MetricReading>>;
  readonly exposed: ExposedNames;
  /** When the service says its process started, in its own reckoning; `null` when it does not say. Another value: counters began anew. */
  readonly processStart: number | null;
}

/** Names of what there is, sorted, at most 200 each: whoever misspelt one is told the nearest. */
export interface ExposedNames {
  readonly counters: readonly string[];
  readonly gauges: readonly string[];
  readonly histograms: readonly string[];
}

export type MetricReading = {
  /** Whether there is a metric of that name and kind whose series carry the labels that the matchers name. */
  readonly present: boolean;
  /** Why it cannot be read although it may be there; empty: it can. */
  readonly problem: string;
} & (
  | {
      /** Matching series by their labels: of counters their counts, finite and not negative; of gauges what they show, finite. */
      readonly series: ReadonlyMap<string, number>;
    }
  | {
      /** Matching histograms by their labels: all that was observed since the process started. */
      readonly sketches: ReadonlyMap<string, Sketch>;
    }
);
