import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Capacity } from '../topology/capacity.ts';
import type { SlotName } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import { contributionOf, tallyBasisOf } from './contribution.ts';
import type { DomainStanding } from './domainBook.ts';
import type { Rollout } from './rollout.ts';
import { TallyBook } from './tallyBook.ts';

/**
 * How the targets stand that a rollout has opened: the sum of what each adds (see `contributionOf`), plus the names a person
 * needs, at most `NAMED_TARGETS` of each kind. Its size does not grow with the fleet.
 */
export interface Tally {
  /** Targets in the open part of the present stage, without those that were absent when it opened and still are. */
  readonly opened: number;
  /** Of those: connected, and hold the candidate, verified by reading back and confirmed. */
  readonly confirmed: number;
  /** Of those: under way, or connected without having reported, or cut off for less than the deadline. */
  readonly underway: number;
  /** In every stage opened so far: tried and could not, reverted by themselves, unhealthy, or silent beyond the deadline. */
  readonly failed: number;
  readonly failures: readonly FailedTarget[];
  /** Of all the change's targets: connected, and refuse what they are ordered to hold (law 23). */
  readonly refused: number;
  /** Why, with the first target by name that says so; the most frequent reason first. */
  readonly refusals: readonly RefusedTargets[];
  /** In every stage opened so far: targets that hold, or may hold, the candidate. */
  readonly notBack: number;
  readonly notBackNames: readonly string[];
  /** Once it was ordered back what cannot be undone: targets that are at rest and keep it. */
  readonly kept: number;
  /** Of the change's targets: those that are not connected and have not been told of it: what they do not say means nothing. */
  readonly absent: number;
  /** Connected targets of the change that were not told of it, and how many of those are sick by their own checks all the same. */
  readonly untouched: number;
  readonly untouchedSick: number;
  /** How many of the absent were cut off less than `UNSURE_MS` ago. */
  readonly unsure: number;
  /** All targets of the change, staged or not. */
  readonly targets: number;
  /** Of all the change's targets: connected, ordered to move or moving, and not at rest. */
  readonly moving: number;
  /** Of those under way: beyond their deadline, and visibly at it (law 12). */
  readonly slow: number;
  readonly slowNames: readonly string[];
  /** When those under way were ordered to move, and how many then. */
  readonly ordered: readonly { readonly at: Instant; readonly targets: number }[];
  /** Where the service asks for a floor: failure domains in which somebody is unavailable, those with the least room first. */
  readonly domains: readonly DomainStanding[];
}

export interface RefusedTargets {
  readonly code: string;
  readonly count: number;
  /** One of them, and what it says. */
  readonly target: string;
  readonly says: string;
}

export interface FailedTarget {
  readonly target: string;
  readonly code: string;
  readonly says: string;
}

/** What is known of one target at this moment. */
export interface Standing {
  readonly target: Target;
  readonly connected: boolean;
  /** Since when it has been cut off; `null` while connected. */
  readonly lostAt: Instant | null;
  /** Where the log ended when it was lost; -1, or left out, where this process has never lost it. */
  readonly contactAt?: number;
  /** What it last said of its slots; `null` when it has not reported yet. */
  readonly slots: ReadonlyMap<SlotName, SlotStanding> | null;
  /** Names of its local checks that fail now. */
  readonly failingChecks: readonly string[];
}

export interface SlotStanding {
  readonly generation: number;
  readonly phase: 'settled' | 'preparing' | 'applying' | 'verifying' | 'provisional' | 'reverting' | 'failed';
  readonly current: Digest | null;
  readonly baseline: Digest | null;
  readonly failed: Digest | null;
  readonly failureCode: string;
  readonly failure: string;
  /** Why the target does not take what it was ordered; left out when it was not refused. */
  readonly refusal?: { readonly code: string; readonly says: string };
}

/** Counts every target the rollout has opened. `lastKnownGood(role, slot)` is what a target must hold to be back, `null` its baseline. */
export function tallyOf(
  rollout: Rollout,
  standings: Iterable<Standing>,
  lastKnownGood: (role: string, slot: SlotName) => Digest | null,
  now: Instant,
  capacity: Capacity | null = null,
): Tally {
  const basis = tallyBasisOf(rollout, lastKnownGood, capacity);
  const book = new TallyBook(capacity);
  for (const standing of standings) {
    const contribution = contributionOf(basis, standing, now);
    if (contribution !== null) book.put(standing.target.uid, contribution);
  }
  return book.tally;
}
