import type { Digest } from '../kernel/digest.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { World } from '../record/world.ts';
import { assignmentKey } from '../rollout/assignment.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../topology/dependencyGraph.ts';
import type { Service, SlotName } from '../topology/service.ts';
import type { Change } from './change.ts';
import { meant } from './meant.ts';
import type { Pipeline } from './pipeline.ts';

/** Refusals that come from what is on the record. */
export function refuseByState(
  world: World,
  change: Change,
  service: Service,
  slotRoles: Readonly<Record<SlotName, readonly string[]>>,
  /** What people and the calendar keep shut. */
  shut: { readonly lineHalted: boolean; readonly refusals: readonly Refusal[] },
  through: Pipeline,
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
  if (world.halted !== null && shut.lineHalted) {
    const why = world.halted.reason === '' ? '' : ` (${world.halted.reason})`;
    refusals.push({
      code: 'line-halted',
      says: `the line was halted by ${world.halted.by}${why}`,
      remedy: 'lift the halt first',
    });
  }
  refusals.push(...shut.refusals);
  const running = runningRollout(world, service.name);
  if (running !== undefined) {
    refusals.push({
      code: 'rollout-in-progress',
      says: `${running.id} (${running.change.name}) of the same service is ${running.phase}`,
      remedy: 'wait for its end, or roll it back',
    });
  }
  refusals.push(...refuseBesideNeighbours(world, service, through));
  if (isInForce(world, change, slotRoles)) {
    refusals.push({
      code: 'already-in-force',
      says: `every slot of change "${change.name}" already has it as its last known good`,
    });
  }
  return refusals;
}

/**
 * Law 13: were a service and one it needs changed at the same time, nobody could say which of the two hurt. They go one after the
 * other, unless both pipelines have them told apart by blame.
 */
function refuseBesideNeighbours(world: World, service: Service, through: Pipeline): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const graph = graphOf(world);
  const needed = new Set(dependenciesOf(graph, service.name, 1).map((neighbour) => neighbour.service));
  const beside = new Set([...needed, ...dependentsOf(graph, service.name, 1).map((neighbour) => neighbour.service)]);
  for (const other of beside) {
    const running = runningRollout(world, other);
    if (running === undefined || mayRunBeside(through, running.pipeline)) continue;
    const relation = needed.has(other)
      ? `"${service.name}" depends on "${other}"`
      : `"${other}" depends on "${service.name}"`;
    refusals.push({
      code: 'rollout-in-progress',
      says: `${running.id} (${running.change.name}) is ${running.phase}, and ${relation}: with both under way, harm could not be told apart`,
      remedy: 'wait for its end, or roll it back; or let both pipelines say neighbours: tellApart',
    });
  }
  return refusals;
}

/** Both must be ready to be told apart: one alone would be held for what the other does without being looked at. */
function mayRunBeside(one: Pipeline, other: Pipeline): boolean {
  return one.neighbours === 'tellApart' && other.neighbours === 'tellApart';
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

export function unknownRole(role: string, service: Service): Refusal {
  return {
    code: 'unknown-role',
    says: `service "${service.name}" has no role "${role}"`,
    remedy: meant(role, service.roles),
  };
}
