import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { Figures } from '../../core/analysis/targetSample.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';

/** What was measured on one target, until now. */
export interface Measurement {
  readonly metric: string;
  readonly figures: Figures;
  /** The time that the figures cover, in minutes, ending now, or {@link ageMs} ago. */
  readonly minutes: number;
  /** How long ago the figures end, where they come late; left out: just now. */
  readonly ageMs?: DurationMs;
  /**
   * What was in force in a slot while it was measured. Left out: the source does not know, and what the target is known to have held
   * all that time is meant.
   */
  readonly under?: { readonly slot: SlotName; readonly artifact: Digest | null };
}

/** Where sources of metrics beside the agents hand in what they know. The engine implements it. */
export interface FigureIntake {
  measured(uid: string, measurement: Measurement): void;
  /** Why a metric of a service cannot be known at the moment; `null` once it can. Repeats are harmless. */
  fault(service: string, metric: string, fault: MetricFault | null): void;
}
