import type { Digest } from '../kernel/digest.ts';
import type { World } from '../record/world.ts';
import { assignmentKey } from '../rollout/assignment.ts';
import type { Service, SlotName } from '../topology/service.ts';
import { bindPipeline } from './bindPipeline.ts';
import type { Change } from './change.ts';
import type { Pipeline } from './pipeline.ts';

/** A change on its way through a pipeline, as it would go now. */
export interface BoundPlan {
  readonly pipeline: Pipeline;
  readonly slotRoles: Readonly<Record<SlotName, readonly string[]>>;
  /** It goes to what is known to be good, and the pipeline has a shorter way for that. */
  readonly fastTrack: boolean;
}

/**
 * Going forward to a known good is the quickest cure where going back is not possible any more. What was shown of it before need not
 * be shown again: people need not look at it, and it bakes as long as the pipeline says for that. Everything that is about today
 * stands: stages and waves, checks and exposure, the rehearsal, freezes, permits, quarantine.
 */
export function boundPlan(
  world: Pick<World, 'lastKnownGoods' | 'changes' | 'assignments'>,
  change: Change,
  through: Pipeline,
  service: Service,
): BoundPlan {
  const slotRoles = slotRolesOf(change, service);
  const fastTrack = through.fastTrack !== undefined && isKnownGood(world, change, slotRoles);
  const pipeline = bindPipeline(fastTrack ? shortened(through) : through, change, service);
  return { pipeline, slotRoles, fastTrack };
}

/** The roles of the change that have each of its slots. */
export function slotRolesOf(change: Change, service: Service): Readonly<Record<SlotName, readonly string[]>> {
  return Object.fromEntries(
    Object.keys(change.slots).map((slot) => [
      slot,
      change.roles.filter((role) => service.slots[slot]?.roles.includes(role)),
    ]),
  );
}

/**
 * Law 8: every slot of every role that it goes to has earned it, and kept it. Nothing between it and now cannot be undone: from there it
 * is no known good any more.
 */
function isKnownGood(
  world: Pick<World, 'lastKnownGoods' | 'changes' | 'assignments'>,
  change: Change,
  slotRoles: BoundPlan['slotRoles'],
): boolean {
  if (change.irreversible !== undefined) return false;
  const places = Object.entries(change.slots).flatMap(([slot, artifact]) =>
    (slotRoles[slot] ?? []).map((role) => ({ slot, artifact, key: assignmentKey(change.service, role, slot) })),
  );
  return (
    places.length > 0 &&
    places.every(({ slot, artifact, key }) => {
      const goods = world.lastKnownGoods.get(key) ?? [];
      const at = goods.lastIndexOf(artifact);
      if (at === -1 || (world.assignments.get(key)?.kept ?? []).length > 0) return false;
      return goods.slice(at + 1).every((since) => !cannotBeUndone(world, change.service, slot, since));
    })
  );
}

function cannotBeUndone(
  { changes }: Pick<World, 'changes'>,
  service: string,
  slot: SlotName,
  artifact: Digest,
): boolean {
  for (const change of changes.values()) {
    if (change.irreversible !== undefined && change.service === service && change.slots[slot] === artifact) return true;
  }
  return false;
}

function shortened(through: Pipeline): Pipeline {
  const { approvals: _, fastTrack, ...rest } = through;
  const mostMs = fastTrack?.minimumMs ?? Number.POSITIVE_INFINITY;
  return {
    ...rest,
    stages: through.stages.map((stage) => {
      // A cure does not wait for the evening; it has seen its peaks.
      const { peak: _, ...bake } = stage.bake;
      return { ...stage, bake: { ...bake, minimumMs: Math.min(bake.minimumMs, mostMs) } };
    }),
  };
}
