import { percent } from '../kernel/percent.ts';
import type { LateCohort } from '../topology/cohorts.ts';
import type { Service } from '../topology/service.ts';
import type { PlanStage, PlanWarning } from './plan.ts';

/** A step is heavy when it opens more than twice as much of the traffic as of the targets, and not next to nothing. */
const HEAVY = 2;
const LEAST_HEAVY = 0.1;
/** More than half of the traffic at once is loud, however many targets it is on. */
const LARGE = 0.5;
const NAMED_COHORTS = 10;

type ShownStage = Pick<PlanStage, 'name' | 'waves' | 'opens'>;

/** What should be read before starting, though nothing of it refuses. `limited`: the pipeline bounds its steps by traffic itself. */
export function warningsOf(
  service: Service,
  stages: readonly ShownStage[],
  cohorts: readonly LateCohort[],
  unknownTraffic: number,
  limited: boolean,
): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  for (const { stage, step, place } of stepsOf(stages)) {
    const { targets, share, traffic } = step;
    if (traffic === null) continue;
    const says = `${place} of "${stage}" opens ${percent(share)} of the targets (${targets}) and ${percent(traffic)} of the traffic at once`;
    if (traffic >= LEAST_HEAVY && traffic > HEAVY * share)
      warnings.push({ code: 'heavy-step', says: `${says}: these targets take far more than their part` });
    else if (!limited && traffic > LARGE) warnings.push({ code: 'large-step', says });
  }
  for (const cohort of cohorts.slice(0, NAMED_COHORTS)) warnings.push({ code: 'late-cohort', says: sayCohort(cohort) });
  const more = cohorts.length - NAMED_COHORTS;
  if (more > 0) warnings.push({ code: 'late-cohort', says: `and ${more} more such groups of targets` });
  const unknown = sayUnknown(service, stages, unknownTraffic);
  if (unknown !== null) warnings.push({ code: 'traffic-unknown', says: unknown });
  return warnings;
}

function* stepsOf(stages: readonly ShownStage[]) {
  for (const { name, waves } of stages) {
    for (const [index, { opens }] of waves.entries()) {
      const place = waves.length === 1 ? 'the one wave' : `wave ${index + 1} of ${waves.length}`;
      yield { stage: name, step: opens, place };
    }
  }
}

function sayCohort({ label, value, targets, stage }: LateCohort): string {
  const all = targets === 1 ? 'the one target' : `all ${targets} targets`;
  return stage === null
    ? `no stage selects any target of ${label}=${value} (${targets}): they never get this change`
    : `${all} of ${label}=${value} ${targets === 1 ? 'is' : 'are'} only in the last stage, "${stage}": nothing is known of them until then`;
}

function sayUnknown({ name, traffic }: Service, stages: readonly ShownStage[], unknown: number): string | null {
  if (traffic === undefined) return null;
  const source = 'metric' in traffic ? `metric "${traffic.metric}"` : `label "${traffic.label}"`;
  if (stages.every((stage) => stage.opens.traffic === null))
    return `no target of "${name}" says how much traffic it takes (${source}): shares of traffic are not known`;
  if (unknown === 0) return null;
  return `the traffic of ${unknown} ${unknown === 1 ? 'target' : 'targets'} is not known (${source}): each counts as the average of its role`;
}
