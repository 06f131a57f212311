import type { Digest } from '../kernel/digest.ts';
import type { DurationMs, Instant } from '../kernel/instant.ts';
import { nearest } from '../kernel/nearest.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { World } from '../record/world.ts';
import { assignmentKey } from '../rollout/assignment.ts';
import { planStages, stageOf } from '../rollout/planStages.ts';
import type { PlannedStage, Rollout } from '../rollout/rollout.ts';
import type { Service, SlotName } from '../topology/service.ts';
import { formatSelector, type Target } from '../topology/target.ts';
import { bindPipeline } from './bindPipeline.ts';
import type { Change } from './change.ts';
import { type FreezeWindow, refuseFrozen } from './freeze.ts';
import type { Pipeline } from './pipeline.ts';
import type { Plan, PlanStage } from './plan.ts';

const NAMED_TARGETS = 50;

/** What the fleet looks like at this moment, as far as a plan depends on it. */
export interface Conditions {
  /** Uids of the service's targets that are not connected. */
  readonly offline: ReadonlySet<string>;
  /** What the connected targets of a role said of a metric: `silent` when none of them has answered yet. */
  readonly metric: (role: string, metric: string) => 'present' | 'absent' | 'silent';
  /** Counters that targets of the service expose, for the nearest real name. */
  readonly exposedCounters: readonly string[];
  /** The service's freezes that bind about now or will begin within the {@link minimumMs} of the bound pipeline, in order. */
  readonly freezes: readonly FreezeWindow[];
}

/** Everything that starting would put on the record, and everything that stands against it. */
export interface Admission {
  readonly plan: Plan;
  readonly rollout: string;
  /** As this change goes through it. */
  readonly pipeline: Pipeline;
  readonly stages: readonly PlannedStage[];
  readonly slotRoles: Readonly<Record<SlotName, readonly string[]>>;
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
): Admission {
  const pipeline = bindPipeline(through, change, service);
  const rollout = nextRolloutId(world, service.name);
  const targets = [...world.targets.values()].filter(
    (target) => target.service === service.name && change.roles.includes(target.role),
  );
  const stages = planStages(pipeline, rollout, targets);
  const slotRoles = Object.fromEntries(
    Object.keys(change.slots).map((slot) => [
      slot,
      change.roles.filter((role) => service.slots[slot]?.roles.includes(role)),
    ]),
  );
  const unstaged = targets.filter((target) => stageOf(pipeline, target.labels) === null).map((target) => target.name);
  const shown = stages.map((stage, index) => showStage(pipeline, stage, index, targets, conditions));
  const plan: Plan = {
    change: { digest: change.digest, name: change.name },
    service: service.name,
    pipeline: pipeline.name,
    roles: change.roles,
    stages: shown,
    unstaged: unstaged.slice(0, NAMED_TARGETS),
    unstagedCount: unstaged.length,
    dependents: dependentsOf(world, service.name),
    minimumMs: minimumMs(pipeline),
    freezes: conditions.freezes.filter(({ starts, ends }) => now < ends && starts <= now + minimumMs(pipeline)),
    refusals: [
      ...refuseByState(world, change, service, slotRoles, refuseFrozen(conditions.freezes, now)),
      ...refuseByTargets(change, pipeline, shown),
      ...refuseByMetrics(change, pipeline, service, conditions),
    ],
  };
  return { plan, rollout, pipeline, stages, slotRoles };
}

/** What the baking of a whole rollout takes at the least. */
export function minimumMs(pipeline: Pipeline): DurationMs {
  return pipeline.stages.reduce((sum, stage) => sum + stage.bake.minimumMs, 0);
}

function showStage(
  pipeline: Pipeline,
  planned: PlannedStage,
  index: number,
  targets: readonly Target[],
  conditions: Conditions,
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
    waves: planned.waves,
    bakeMs: spec?.bake.minimumMs ?? 0,
    exposure: spec?.bake.exposure ?? null,
  };
}

/** Refusals that come from what is on the record. */
function refuseByState(
  world: World,
  change: Change,
  service: Service,
  slotRoles: Readonly<Record<SlotName, readonly string[]>>,
  frozen: Refusal | null,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  for (const role of change.roles) {
    if (!service.roles.includes(role)) refusals.push(unknownRole(role, service));
  }
  for (const slot of Object.keys(change.slots)) {
    if (service.slots[slot] === undefined) {
      refusals.push({
        code: 'unknown-slot',
        says: `service "${service.name}" has no slot "${slot}"`,
        remedy: meant(slot, Object.keys(service.slots)),
      });
    } else if (slotRoles[slot]?.length === 0) {
      const has = service.slots[slot].roles.join(', ');
      refusals.push({
        code: 'unknown-slot',
        says: `no role of the change (${change.roles.join(', ')}) has slot "${slot}"; it is on ${has}`,
      });
    }
  }
  const quarantined = world.quarantine.get(change.digest);
  if (quarantined !== undefined) {
    refusals.push({
      code: 'quarantined',
      says: `change "${change.name}" was quarantined by ${quarantined.rollout}: ${quarantined.says}`,
      remedy: 'make a different change; the same bytes will not go out again',
    });
  }
  if (world.halted !== null) {
    const why = world.halted.reason === '' ? '' : ` (${world.halted.reason})`;
    refusals.push({
      code: 'line-halted',
      says: `the line was halted by ${world.halted.by}${why}`,
      remedy: 'lift the halt first',
    });
  }
  if (frozen !== null) refusals.push(frozen);
  const running = runningRollout(world, service.name);
  if (running !== undefined) {
    refusals.push({
      code: 'rollout-in-progress',
      says: `${running.id} (${running.change.name}) of the same service is ${running.phase}`,
      remedy: 'wait for its end, or roll it back',
    });
  }
  refusals.push(...refuseBesideNeighbours(world, service));
  if (isInForce(world, change, slotRoles)) {
    refusals.push({
      code: 'already-in-force',
      says: `every slot of change "${change.name}" already has it as its last known good`,
    });
  }
  return refusals;
}

/** Law 3: what is proven on one role proves nothing for another, so every role must be in the first stage. */
function refuseByTargets(change: Change, pipeline: Pipeline, stages: readonly PlanStage[]): readonly Refusal[] {
  const refusals: Refusal[] = [];
  stages.forEach((stage, index) => {
    if (stage.targets === 0) {
      refusals.push({
        code: 'selector-matches-nobody',
        says: `stage "${stage.name}" of pipeline "${pipeline.name}" selects ${stage.selects}, and no target of role ${change.roles.join(' or ')} is left for it`,
        remedy: 'mend the selector, enrol such targets, or take the stage out',
      });
      return;
    }
    const missing = change.roles.filter((role) => stage.byRole[role] === undefined);
    if (index === 0 && missing.length > 0) {
      refusals.push({
        code: 'selector-matches-nobody',
        says: `the first stage "${stage.name}" has no target of role ${missing.join(' or ')}: what is proven there would prove nothing for that role`,
        remedy: 'put targets of every role into the first stage, or make a change for each role',
      });
    }
  });
  return refusals;
}

function refuseByMetrics(
  change: Change,
  pipeline: Pipeline,
  service: Service,
  conditions: Conditions,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const wanted = new Map<string, string>();
  for (const check of pipeline.checks) {
    wanted.set(check.total, `check "${check.name}"`);
    wanted.set(check.failures, `check "${check.name}"`);
  }
  for (const stage of pipeline.stages) {
    if (stage.bake.exposure !== null) wanted.set(stage.bake.exposure.metric, `the exposure of stage "${stage.name}"`);
  }
  for (const [metric, by] of wanted) {
    const spec = service.metrics[metric];
    if (spec === undefined) {
      const says = `${by} uses metric "${metric}", which service "${service.name}" does not define`;
      refusals.push({ code: 'unknown-metric', says, remedy: meant(metric, Object.keys(service.metrics)) });
      continue;
    }
    for (const role of change.roles) {
      const seen = conditions.metric(role, metric);
      // A path that is new with this change need not have been counted before it.
      if (seen === 'present' || metric === change.newPath) continue;
      const family = spec.counter.split('{')[0] ?? spec.counter;
      refusals.push(
        seen === 'absent'
          ? {
              code: 'metric-without-data',
              says: `${by} uses metric "${metric}" (${spec.counter}), and targets of role "${role}" expose no such counter`,
              remedy: meant(family, conditions.exposedCounters),
            }
          : {
              code: 'metric-without-data',
              says: `${by} uses metric "${metric}" (${spec.counter}), and no connected target of role "${role}" has reported its counters yet`,
              remedy: 'see that its agents are connected and can read their metrics, then try again',
            },
      );
    }
  }
  return refusals;
}

export function unknownRole(role: string, service: Service): Refusal {
  return {
    code: 'unknown-role',
    says: `service "${service.name}" has no role "${role}"`,
    remedy: meant(role, service.roles),
  };
}

/** `did you mean "x"?`, or what there is. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== null) return `did you mean "${near}"?`;
  return known.length === 0
    ? 'there is none'
    : `known: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`;
}

/**
 * Law 13: were a service and one it needs changed at the same time, nobody could say which of the two hurt. They go one after the
 * other.
 */
function refuseBesideNeighbours(world: World, service: Service): readonly Refusal[] {
  const refusals: Refusal[] = [];
  for (const other of world.services.values()) {
    const needed = service.dependsOn.includes(other.name);
    if (!needed && !other.dependsOn.includes(service.name)) continue;
    const running = runningRollout(world, other.name);
    if (running === undefined) continue;
    const relation = needed
      ? `"${service.name}" depends on "${other.name}"`
      : `"${other.name}" depends on "${service.name}"`;
    refusals.push({
      code: 'rollout-in-progress',
      says: `${running.id} (${running.change.name}) is ${running.phase}, and ${relation}: with both under way, harm could not be told apart`,
      remedy: 'wait for its end, or roll it back',
    });
  }
  return refusals;
}

/** The rollout of this service that is not over. Law 13: there is at most one. */
export function runningRollout(world: World, service: string): Rollout | undefined {
  for (const rollout of world.rollouts.values()) {
    if (rollout.change.service === service && rollout.endedAt === null) return rollout;
  }
  return undefined;
}

function isInForce(world: World, change: Change, slotRoles: Readonly<Record<SlotName, readonly string[]>>): boolean {
  const inForce = (slot: SlotName, role: string, artifact: Digest) =>
    world.lastKnownGoods.get(assignmentKey(change.service, role, slot))?.at(-1) === artifact;
  const pairs = Object.entries(change.slots).flatMap(([slot, artifact]) =>
    (slotRoles[slot] ?? []).map((role) => inForce(slot, role, artifact)),
  );
  return pairs.length > 0 && pairs.every((same) => same);
}

/** `shop-3`: the third rollout of shop. */
function nextRolloutId(world: World, service: string): string {
  let count = 0;
  for (const rollout of world.rollouts.values()) if (rollout.change.service === service) count++;
  return `${service}-${count + 1}`;
}

/** Services that need this one, directly or through others, in order of distance. */
export function dependentsOf(world: World, service: string): readonly string[] {
  const found = new Set<string>([service]);
  for (const name of found) {
    for (const other of world.services.values()) if (other.dependsOn.includes(name)) found.add(other.name);
  }
  found.delete(service);
  return [...found];
}
