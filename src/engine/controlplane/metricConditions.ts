import type { Conditions } from '../../core/policy/conditions.ts';
import type { FigureDesk } from './figureDesk.ts';
import type { FleetState } from './fleetState.ts';

/** What a plan for a service depends on of its fleet, and of what is measured on it, whoever measures it. */
export function metricConditions(fleet: FleetState, figures: FigureDesk, service: string): Omit<Conditions, 'freezes'> {
  const own = fleet.conditions(service);
  const others = new Map([[service, own]]);
  const reported = (of: string) => {
    const known = others.get(of) ?? fleet.conditions(of);
    others.set(of, known);
    return known.metric;
  };
  return {
    ...own,
    metric: (role, metric, of) => (figures.isMeasured(of, role, metric) ? 'present' : reported(of)(role, metric, of)),
    fault: (of, metric) => figures.faultsOf(of).get(metric) ?? null,
  };
}
