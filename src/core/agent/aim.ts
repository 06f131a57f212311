import type { Digest } from '../kernel/digest.ts';
import { type Leave, PERMIT_REFUSALS, type PermitRefusal } from '../policy/permit.ts';
import { type Assignment, desiredRevision, isOpened } from '../rollout/assignment.ts';
import type { Target } from '../topology/target.ts';
import type { Content, Move, Slot } from './slot.ts';

/** Where a slot at rest goes next. */
export type Aim =
  /** It holds what it should, or knows too little to do anything. */
  | { readonly go: 'stay' }
  /** What it should hold failed here and is not tried again in the same rollout (law 18), or a person took it back here. */
  | { readonly go: 'nowhere' }
  /** Nothing lets it take what it should hold (law 23). It stays where it is. */
  | { readonly go: 'refused'; readonly code: PermitRefusal; readonly says: string }
  | { readonly go: 'back'; readonly to: Content }
  | { readonly go: 'forward'; readonly move: Move }
  /** It is the last known good, which has failed here so many times in a row: it is tried again, after a while. */
  | { readonly go: 'later'; readonly move: Move; readonly times: number };

/** So often a last known good is tried on a target that cannot hold it. After that it takes another one, or a person. */
export const GOOD_TRIES = 10;

/**
 * Forward is provisional, asks the local checks, and starts only from something proven. Back goes only to something proven, asks
 * nobody and needs no leave, and is final. So whatever happens on the way, there is one proven revision to be on.
 */
export function aimOf(slot: Slot, target: Target): Aim {
  const { assignment, holds } = slot;
  if (assignment === null || holds === null) return { go: 'stay' };
  const wanted = wantedContent(slot, assignment, target);
  if (wanted === holds) return { go: 'stay' };
  if (staysAway(slot, assignment, target, wanted))
    return slot.proven || slot.wayBack === null ? { go: 'nowhere' } : { go: 'back', to: slot.wayBack };
  if (isWayBack(slot, assignment, target, wanted)) return { go: 'back', to: wanted };
  // What it holds was never proven and is not wanted any more: leave it at once, then see.
  if (!slot.proven && slot.wayBack !== null) return { go: 'back', to: slot.wayBack };
  if (wanted === null || wanted === 'absent') return { go: 'stay' };
  const rollout = isCandidateHere(assignment, target) ? (assignment.candidate?.rollout ?? null) : null;
  const failed = slot.failure?.artifact === wanted && (rollout === null || slot.failure.rollout === rollout);
  const times = slot.tried?.artifact === wanted ? slot.tried.times : 0;
  // What the whole fleet was found good on is no suspect: what keeps this target from it may pass, and nobody would order it anew.
  if (failed && (rollout !== null || times >= GOOD_TRIES)) return { go: 'nowhere' };
  const leave = leaveFor(slot, assignment, target);
  if (!leave.granted) return { go: 'refused', code: leave.code, says: leave.says };
  const move = { to: wanted, from: holds, rollout, generation: assignment.generation };
  return failed && times > 0 ? { go: 'later', move, times } : { go: 'forward', move };
}

/** What a person took back stays away. But there is nothing before the baseline: an order to go back to it is followed. */
function staysAway(slot: Slot, assignment: Assignment, target: Target, wanted: Content | null): boolean {
  if (wanted === null || !slot.takenBack.includes(wanted)) return false;
  return wanted !== slot.baseline?.content || isCandidateHere(assignment, target);
}

/** Forward always needs leave: for the candidate where it was opened here, else for the last known good. */
function leaveFor({ leaves }: Slot, assignment: Assignment, target: Target): Leave {
  if (leaves === null) return { granted: false, code: 'no-permit', says: PERMIT_REFUSALS['no-permit'] };
  return isCandidateHere(assignment, target) ? leaves.candidate : leaves.lastKnownGood;
}

/**
 * What the assignment wants here. No baseline was taken as long as nothing was changed: then it is whatever is there. `held`: what is, or may
 * be, in force; it stays where it cannot be undone.
 */
export function wantedContent(
  slot: Slot,
  assignment: Assignment,
  target: Target,
  held: Content | null = slot.holds,
): Content | null {
  return desiredRevision(assignment, target, held) ?? slot.baseline?.content ?? slot.holds;
}

/** The last known good the fleet is on, if it was in force here before: nothing new is tried by taking it. */
function isWayBack(slot: Slot, assignment: Assignment, target: Target, wanted: Content | null): wanted is Content {
  if (wanted === null || isCandidateHere(assignment, target)) return false;
  // What was earned is not enough: it may have been left here since, because it did not hold.
  return wanted === slot.baseline?.content || wanted === slot.wayBack || slot.confirmed.includes(wanted as Digest);
}

function isCandidateHere({ candidate }: Assignment, target: Target): boolean {
  return candidate !== null && isOpened(candidate.rollout, candidate.openings, target);
}

/** Proven contents that a revert which cannot get through may be turned to instead, as the server now wants it. */
export function otherWayBack(slot: Slot, target: Target): Content | null {
  const { assignment } = slot;
  if (assignment === null) return null;
  const wanted = wantedContent(slot, assignment, target);
  return isWayBack(slot, assignment, target, wanted) ? wanted : null;
}
