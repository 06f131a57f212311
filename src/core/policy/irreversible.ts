import type { Digest } from '../kernel/digest.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { World } from '../record/world.ts';
import { type Assignment, assignmentKey } from '../rollout/assignment.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { SlotName } from '../topology/service.ts';
import type { Change, Irreversible } from './change.ts';

/** For people, wherever such a change, or going back on it, is spoken of. */
export function sayRestore({ reason, restore }: Irreversible): string {
  return `it cannot be undone (${reason}); to restore: ${restore}`;
}

/** What an order to go back comes to where there is no way back. */
export function sayStop(irreversible: Irreversible): string {
  return `nobody else gets it, and targets that have it keep it: ${sayRestore(irreversible)}`;
}

/**
 * What targets that hold it keep, after this rollout has moved on. From the first opening on, so that there is no moment in which an
 * order would take it back. Who holds none of it gets the last known good, as always. A rollout that completes brings everybody
 * forward from it.
 */
export function keptAfter(
  { change, phase, kept, id }: Rollout,
  slot: SlotName,
  before: Pick<Assignment, 'kept'> | undefined,
  others: Iterable<Rollout>,
): readonly Digest[] {
  if (phase === 'completed') return [];
  const present = before?.kept ?? [];
  const artifact = change.slots[slot];
  if (change.irreversible === undefined || artifact === undefined) return present;
  if (phase !== 'rolledBack' || (kept ?? 0) > 0) return [...new Set([...present, artifact])];
  // Nobody has it after all, unless an earlier rollout has left it somewhere.
  const left = [...others].some(
    (other) => other.id !== id && (other.kept ?? 0) > 0 && other.change.slots[slot] === artifact,
  );
  return left ? present : present.filter((digest) => digest !== artifact);
}

/**
 * Law 5: the way back exists before the way forward. From what cannot be undone there is none: whatever comes next either says
 * that of itself too, or waits until that change has gone all the way.
 */
export function refuseWithoutWayBack(
  world: Pick<World, 'assignments'>,
  change: Change,
  slotRoles: Readonly<Record<SlotName, readonly string[]>>,
): readonly Refusal[] {
  if (change.irreversible !== undefined) return [];
  const slots = Object.keys(change.slots).filter((slot) =>
    (slotRoles[slot] ?? []).some((role) => {
      const kept = world.assignments.get(assignmentKey(change.service, role, slot))?.kept ?? [];
      return kept.some((digest) => digest !== change.slots[slot]);
    }),
  );
  if (slots.length === 0) return [];
  return [
    {
      code: 'no-way-back',
      says: `targets keep in ${slots.join(', ')} what an earlier rollout brought and nothing can undo: from there change "${change.name}" has no way back`,
      remedy: 'roll out what they keep to its end, or say irreversible, with reason and restore, in this change too',
    },
  ];
}
