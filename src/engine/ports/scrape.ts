import type { Result } from '../../core/kernel/result.ts';

/** Reads the counters of the service beside the agent. What comes back is untrusted, bounded, and either whole or refused. */
export interface Scrape {
  /** `watches`: metric name → counter with matchers. Never rejects: the error says why there is no reading. */
  read(watches: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Result<CounterReading, string>>;
}

export interface CounterReading {
  readonly metrics: Readonly<Record<string, MetricReading>>;
  /** Names of all counters the service exposes, sorted, at most 200. */
  readonly exposedCounters: readonly string[];
  /** When the service says its process started, in its own reckoning; `null` when it does not say. Another value: counters began anew. */
  readonly processStart: number | null;
}

export interface MetricReading {
  /** Whether there is a counter of that name whose series carry the labels that the matchers name. */
  readonly present: boolean;
  /** Matching series by their labels, with their counts. Finite and not negative. */
  readonly series: ReadonlyMap<string, number>;
  /** Why it cannot be read although it may be there; empty: it can. */
  readonly problem: string;
}
