import type { DurationMs } from '../../core/kernel/instant.ts';
import { isOpened } from '../../core/rollout/assignment.ts';
import { stageOf } from '../../core/rollout/planStages.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Gathered } from './figureWindows.ts';
import type { HeldBook } from './heldBook.ts';

/** Where one target of a rollout's service stands in its comparison. */
export interface Arms {
  /** The rollout has opened its place: it is not untouched, whatever it holds. */
  readonly isReached: boolean;
  /** The stage that it belongs to; `null`: none. */
  readonly stage: number | null;
  /** What was measured while it held the candidate; `null`: it did not hold it. */
  readonly treated: readonly Gathered[] | null;
}

/**
 * `null`: the target is not one of the change's. Figures that say what they were measured under are taken by their word; the others where
 * the target held the candidate for all of the time that they cover. What holds the candidate without having been reached is not counted.
 */
export function armsOf(rollout: Rollout, target: Target, window: ArmWindow, held: HeldBook): Arms | null {
  const { change, pipeline, id, openings } = rollout;
  const slot = change.roles.includes(target.role) ? speakingSlot(rollout, target.role) : undefined;
  if (slot === undefined) return null;
  const isOfCandidate = (figures: Gathered) => artifactOf(figures, target, slot, held) === change.slots[slot];
  const isReached = isOpened(id, openings, target);
  const stage = stageOf(pipeline, target.labels);
  const treated = window.gathered.filter(isOfCandidate);
  if (!isReached) return { isReached: treated.length > 0, stage, treated: null };
  // Who holds it and measures nothing is as treated as any.
  const holds = treated.length > 0 || held.heldSince(target.uid, slot, window.from) === change.slots[slot];
  return { isReached, stage, treated: holds ? treated : null };
}

/** What arrived of one target in one window, and when that began. */
export interface ArmWindow {
  readonly gathered: readonly Gathered[];
  readonly from: DurationMs;
}

/** A target with several slots of the change tells the same figures for each; one of them speaks for all. */
function speakingSlot({ change, slotRoles }: Rollout, role: string): SlotName | undefined {
  const [slot] = Object.keys(change.slots)
    .filter((each) => slotRoles[each]?.includes(role))
    .sort();
  return slot;
}

function artifactOf({ under, from }: Gathered, { uid }: Target, slot: SlotName, held: HeldBook) {
  if (under === undefined) return held.heldSince(uid, slot, from);
  return under.slot === slot ? under.artifact : undefined;
}
