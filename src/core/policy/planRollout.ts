import type { Instant } from '../kernel/instant.ts';
import { consentToStart } from '../record/agreement.ts';
import type { World } from '../record/world.ts';
import { planStages, stageOf } from '../rollout/planStages.ts';
import type { PlannedStage } from '../rollout/rollout.ts';
import { reachPlanned, type StageReach } from '../topology/blastRadius.ts';
import { lateCohorts } from '../topology/cohorts.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../topology/dependencyGraph.ts';
import type { Service, SlotName } from '../topology/service.ts';
import { formatSelector, type Target } from '../topology/target.ts';
import { type Reach, trafficShares } from '../topology/traffic.ts';
import type { Breakable } from './breakGlass.ts';
import type { Change } from './change.ts';
import type { Conditions } from './conditions.ts';
import { refuseShut, whatStands } from './consent.ts';
import { boundPlan } from './fastTrack.ts';
import { bindingAt, refuseFrozen } from './freeze.ts';
import { refuseWithoutWayBack } from './irreversible.ts';
import { leastBakingMs } from './peak.ts';
import type { Pipeline } from './pipeline.ts';
import type { Plan, PlanStage } from './plan.ts';
import { planRules } from './planRules.ts';
import { type FirstStep, planSteps } from './planSteps.ts';
import { refuseByLabels } from './refuseByLabels.ts';
import { refuseByMetrics } from './refuseByMetrics.ts';
import { refuseByState } from './refuseByState.ts';
import { refuseBySteps } from './refuseBySteps.ts';
import { refuseByTargets } from './refuseByTargets.ts';
import { trafficOpened } from './trafficOpened.ts';
import { warningsOf } from './warningsOf.ts';

const NAMED_TARGETS = 50;
const NOBODY: Reach = { targets: 0, share: 0, traffic: null };

/** Everything that starting would put on the record, and everything that stands against it. */
export interface Admission {
  readonly plan: Plan;
  readonly rollout: string;
  /** As this change goes through it. */
  readonly pipeline: Pipeline;
  readonly stages: readonly PlannedStage[];
  readonly slotRoles: Readonly<Record<SlotName, readonly string[]>>;
  readonly first: FirstStep;
  /** It goes to what is known to be good, by the shorter way. */
  readonly fastTrack: boolean;
  /** What would refuse it, were it not for break-glass. */
  readonly broken: readonly Breakable[];
}

/**
 * One code path for showing a plan and for starting: what is shown is what will happen, and what is refused there is refused
 * here. Law 16: the unknown is refused before anything moves.
 */
export function planRollout(
  world: World,
  change: Change,
  through: Pipeline,
  service: Service,
  conditions: Conditions,
  now: Instant,
  starter: string | null = null,
): Admission {
  const { pipeline, slotRoles, fastTrack } = boundPlan(world, change, through, service);
  const rollout = nextRolloutId(world, service.name);
  const targets = [...world.targets.values()].filter(
    (target) => target.service === service.name && change.roles.includes(target.role),
  );
  const shares = trafficShares(service, targets, conditions.rates);
  const stages = planStages(pipeline, rollout, targets, shares);
  const staged = targets.filter((target) => stageOf(pipeline, target.labels) !== null);
  const unstaged = targets.filter((target) => stageOf(pipeline, target.labels) === null).map((target) => target.name);
  const reach = reachPlanned(pipeline, rollout, stages, targets, shares);
  const steps = planSteps(service, { id: rollout, pipeline, stages, targets }, conditions);
  const shown = stages.map((stage, index) => {
    const inSteps = steps.stages[index];
    const whole = showStage(pipeline, stage, index, targets, conditions, reach[index]);
    return inSteps ? { ...whole, steps: inSteps } : whole;
  });
  const dependents = dependentsOf(graphOf(world), service.name);
  const cohorts = lateCohorts(pipeline, targets);
  const rules = planRules(
    pipeline.rules ?? [],
    { change, pipeline: pipeline.name, plan: stages, rollout },
    {
      targets: targets.length,
      unstaged: () => unstaged.length,
      dependents: dependents.map((neighbour) => neighbour.service),
      trafficShare: trafficOpened(rollout, pipeline, stages, () => ({ targets, shares })),
    },
    conditions.rules,
    now,
  );
  const unknownTraffic = shares?.unknown ?? targets.length;
  const minimumMs = leastBakingMs(pipeline, now, conditions.peaks ?? []);
  const consent = consentToStart(world, change, pipeline, starter, now);
  const frozen = bindingAt(conditions.freezes, now).length > 0;
  const stands = whatStands(consent, 0, { lineHalted: world.halted !== null, frozen });
  const closed = [stands.frozen ? refuseFrozen(conditions.freezes, now) : null, refuseShut(stands.gates)];
  const shut = { lineHalted: stands.lineHalted, refusals: closed.filter((refusal) => refusal !== null) };
  const plan: Plan = {
    change: { digest: change.digest, name: change.name },
    service: service.name,
    pipeline: pipeline.name,
    roles: change.roles,
    stages: shown,
    unstaged: unstaged.slice(0, NAMED_TARGETS),
    unstagedCount: unstaged.length,
    ...(service.capacity === undefined ? {} : { capacity: service.capacity }),
    blast: {
      ...(reach.at(-1)?.reached ?? NOBODY),
      unknownTraffic,
      dependents,
      dependencies: dependenciesOf(graphOf(world), service.name),
    },
    lateCohorts: cohorts,
    warnings: warningsOf(service, shown, cohorts, unknownTraffic, pipeline.largestStep?.traffic !== undefined),
    minimumMs,
    freezes: conditions.freezes.filter(({ starts, ends }) => now < ends && starts <= now + minimumMs),
    rules: rules.shown,
    fastTrack,
    irreversible: change.irreversible ?? null,
    gates: consent.gates,
    breakGlass: consent.glass?.breakGlass ?? null,
    refusals: [
      ...refuseByState(world, change, service, slotRoles, shut, pipeline),
      ...refuseWithoutWayBack(world, change, slotRoles),
      ...rules.refusals,
      ...refuseByTargets(change, pipeline, shown),
      ...refuseByLabels(change, slotRoles, staged),
      ...refuseBySteps(pipeline, service, shown),
      ...steps.refusals,
      ...refuseByMetrics(change, pipeline, service, conditions, world.services),
    ],
  };
  return { plan, rollout, pipeline, stages, slotRoles, first: steps.first, fastTrack, broken: stands.broken };
}

function showStage(
  pipeline: Pipeline,
  planned: PlannedStage,
  index: number,
  targets: readonly Target[],
  conditions: Conditions,
  reach: StageReach | undefined,
): PlanStage {
  const members = targets.filter((target) => stageOf(pipeline, target.labels) === index);
  const byRole: Record<string, number> = {};
  for (const member of members) byRole[member.role] = (byRole[member.role] ?? 0) + 1;
  const spec = pipeline.stages[index];
  return {
    name: planned.name,
    selects: formatSelector(spec?.targets ?? {}),
    targets: members.length,
    connected: members.filter((member) => !conditions.offline.has(member.uid)).length,
    byRole,
    waves: planned.waves.map((wave, at) => ({ ...wave, opens: reach?.steps[at] ?? NOBODY })),
    opens: reach?.opens ?? NOBODY,
    reached: reach?.reached ?? NOBODY,
    bakeMs: spec?.bake.minimumMs ?? 0,
    peak: conditions.peaks?.[index] ?? null,
    exposure: spec?.bake.exposure ?? null,
  };
}

/** `shop-3`: the third rollout of shop. */
function nextRolloutId(world: World, service: string): string {
  let count = 0;
  for (const rollout of world.rollouts.values()) if (rollout.change.service === service) count++;
  return `${service}-${count + 1}`;
}
