import type { Digest } from '../kernel/digest.ts';
import { place } from '../kernel/place.ts';
import type { SlotName } from '../topology/service.ts';
import { type Labels, matches, type Selector, type Target } from '../topology/target.ts';
import type { Release } from './release.ts';

/**
 * What the targets of one role are to hold in one slot: one small document for the whole fleet, the same bytes for everyone.
 * Promoting and rolling back change this document alone, so what they cost does not grow with the fleet. Gateways and agents
 * evaluate it with {@link desiredRevision}.
 */
export interface Assignment {
  readonly service: string;
  readonly role: string;
  readonly slot: SlotName;
  /** Position in the log of the event that last changed this document. An agent refuses an older generation than it has seen. */
  readonly generation: number;
  /** The last known good artifact; `null` is the baseline: what the target held before Ringfence first changed the slot. */
  readonly lastKnownGood: Digest | null;
  readonly candidate: Candidate | null;
  /** Artifacts that cannot be undone: who holds one keeps it until a candidate is opened here. Left out: none. */
  readonly kept?: readonly Digest[];
  /** On the way back: who may wait with it, and how long (law 11). Left out: nobody. */
  readonly release?: Release;
}

export interface Candidate {
  readonly rollout: string;
  /** Digest of the change. */
  readonly change: Digest;
  /** Digest of the bytes this slot is to hold. */
  readonly artifact: Digest;
  /** The parts of the fleet that the rollout has opened. A target that matches none keeps the last known good. */
  readonly openings: readonly Opening[];
}

export interface Opening {
  readonly stage: string;
  readonly targets: Selector;
  /** Targets whose {@link place} in this rollout is below this take the candidate; 1 opens the whole stage. */
  readonly below: number;
}

/** The name under which the assignment of one role's slot is kept. */
export function assignmentKey(service: string, role: string, slot: SlotName): string {
  return `${service}/${role}/${slot}`;
}

/** The name of a role: what is permitted is permitted to a whole role. */
export function roleKey(service: string, role: string): string {
  return `${service}/${role}`;
}

/** Whether the rollout has opened this target's place. */
export function isOpened(
  rollout: string,
  openings: readonly Opening[],
  target: Pick<Target, 'uid' | 'labels'>,
): boolean {
  return isOpenedAt(place(rollout, target.uid), openings, target.labels);
}

/** The same for a target whose place is known. */
export function isOpenedAt(where: number, openings: readonly Opening[], labels: Labels): boolean {
  return openings.some((opening) => where < opening.below && matches(opening.targets, labels));
}

/**
 * The artifact this target is to hold in the assignment's slot, `null` for its baseline. Pure: everyone computes the same. `held`
 * is what it holds now; it matters only where that cannot be undone.
 */
export function desiredRevision(
  assignment: Assignment,
  target: Pick<Target, 'uid' | 'labels'>,
  held: string | null = null,
): Digest | null {
  const { candidate, kept = [] } = assignment;
  if (candidate !== null && isOpened(candidate.rollout, candidate.openings, target)) return candidate.artifact;
  return kept.find((digest) => digest === held) ?? assignment.lastKnownGood;
}
