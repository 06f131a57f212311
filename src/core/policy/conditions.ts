import type { FreezeWindow } from './freeze.ts';
import type { RuleJudge } from './rule.ts';
import type { FleetFacts } from './ruleFacts.ts';

/** What the fleet looks like at this moment, as far as a plan depends on it. */
export interface Conditions {
  /** Uids of the service's targets that are not connected. */
  readonly offline: ReadonlySet<string>;
  /** What the connected targets of a role said of a metric: `silent` when none of them has answered yet. */
  readonly metric: (role: string, metric: string) => 'present' | 'absent' | 'silent';
  /** Counters that targets of the service expose, for the nearest real name. */
  readonly exposedCounters: readonly string[];
  /** How fast the service's traffic metric rises on each target, by uid; only those of which that is known. */
  readonly rates?: ReadonlyMap<string, number>;
  /** The service's freezes that bind about now or will begin within the {@link minimumMs} of the bound pipeline, in order. */
  readonly freezes: readonly FreezeWindow[];
  /** Who evaluates the pipeline's rules, and for whom. Left out: nobody does, and they refuse. */
  readonly rules?: { readonly judge: RuleJudge; readonly startedBy: string; readonly fleet: FleetFacts };
}
