import type { Change } from '../../core/policy/change.ts';
import type { Conditions } from '../../core/policy/conditions.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { World } from '../../core/record/world.ts';
import { isScraped } from '../../core/topology/metric.ts';
import type { Clock } from '../ports/clock.ts';
import type { Assessor } from './assessor.ts';
import type { FigureDesk } from './figureDesk.ts';
import type { FleetState } from './fleetState.ts';
import type { FreezeLookup } from './freezeLookup.ts';
import type { RuleLookup } from './ruleLookup.ts';

interface Parts {
  readonly fleet: FleetState;
  readonly figures: FigureDesk;
  readonly freezes: FreezeLookup;
  readonly rules: RuleLookup;
  readonly assessor: Assessor;
  readonly world: () => World;
  readonly clock: Clock;
}

/** What a plan depends on beside the record: the fleet, the calendar, the rules, and what is measured. */
export class ConditionsLookup {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  of(change: Change, pipeline: Pipeline, startedBy: string): Conditions {
    const { freezes, rules, assessor, world, clock } = this.#parts;
    const now = clock.now();
    return {
      ...this.#measured(change.service),
      freezes: freezes.ahead(world(), change, pipeline, now),
      peaks: freezes.peaksAhead(world(), change, pipeline, now),
      rules: rules.forStart(change, startedBy),
      sick: assessor.sickBefore(pipeline, change.roles),
    };
  }

  /** Of the service's own fleet, and of those that its checks name. Whoever measures a metric, agents or a source, it is there. */
  #measured(service: string): Omit<Conditions, 'freezes'> {
    const { fleet, figures, world } = this.#parts;
    const own = fleet.conditions(service);
    const others = new Map([[service, own]]);
    const reported = (of: string) => {
      const known = others.get(of) ?? fleet.conditions(of);
      others.set(of, known);
      return known.metric;
    };
    return {
      ...own,
      metric: (role, metric, of) => {
        const said = reported(of)(role, metric, of);
        // What agents find on a page now outweighs what was measured of late: it may have been another metric of the same name.
        const spec = world().services.get(of)?.metrics[metric];
        if (spec !== undefined && isScraped(spec) && said !== 'silent') return said;
        return figures.isMeasured(of, role, metric) ? 'present' : said;
      },
      fault: (of, metric) => figures.faultsOf(of).get(metric) ?? null,
    };
  }
}
