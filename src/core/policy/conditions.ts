import type { MetricFault } from '../analysis/metricFault.ts';
import type { FreezeWindow } from './freeze.ts';
import type { PeakWindow } from './peak.ts';
import type { RuleJudge } from './rule.ts';
import type { FleetFacts } from './ruleFacts.ts';

/** What the fleet looks like at this moment, as far as a plan depends on it. */
export interface Conditions {
  /** Uids of the service's targets that are not connected. */
  readonly offline: ReadonlySet<string>;
  /** Uids of those that are connected and not known to be well and at rest; left out: there is none. */
  readonly unwell?: ReadonlySet<string>;
  /** What the connected targets of a role of a service said of a metric: `silent` when none of them has answered yet. */
  readonly metric: (role: string, metric: string, service: string) => 'present' | 'absent' | 'silent';
  /** Why a metric of a service cannot be known now; left out: nothing is wrong with any source. */
  readonly fault?: (service: string, metric: string) => MetricFault | null;
  /** Checks of the pipeline that find untouched targets far worse than they usually are, before anything was changed. */
  readonly sick?: readonly { readonly check: string; readonly role: string; readonly says: string }[];
  /** Counters that targets of the service expose, for the nearest real name. */
  readonly exposedCounters: readonly string[];
  /** Likewise what else there is; left out: none. */
  readonly exposedGauges?: readonly string[];
  readonly exposedHistograms?: readonly string[];
  /** Names of the checks of its agents, and of components whose health they report. */
  readonly exposedChecks?: readonly string[];
  readonly exposedComponents?: readonly string[];
  /** How fast the service's traffic metric rises on each target, by uid; only those of which that is known. */
  readonly rates?: ReadonlyMap<string, number>;
  /** For each stage of the bound pipeline: the peak that its bake would cover first; `null` where it asks for none. */
  readonly peaks?: readonly (PeakWindow | null)[];
  /** The service's freezes that bind about now or will begin within the time that the bound pipeline takes at the least, in order. */
  readonly freezes: readonly FreezeWindow[];
  /** Who evaluates the pipeline's rules, and for whom. Left out: nobody does, and they refuse. */
  readonly rules?: { readonly judge: RuleJudge; readonly startedBy: string; readonly fleet: FleetFacts };
}
