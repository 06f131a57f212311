import type { Digest } from '../kernel/digest.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Leaves } from '../policy/permit.ts';
import type { Assignment } from '../rollout/assignment.ts';
import type { SlotName } from '../topology/service.ts';
import type { FailureCode } from './failureCode.ts';
import type { Trial } from './trial.ts';

/**
 * One slot on one target, as its own agent sees it.
 *
 * ```
 *                  assigned                prepared             applied            verified           every check passes
 *   settled ─────────────────► preparing ────────────► applying ─────────► verifying ─────────► checking ──────────┐
 *   ▲ ▲ │ ▲                     │     ▲ │                 │                    │                    │              ▼
 *   │ │ │ └── no longer wanted ─┘     └─┘ unreachable:    │ failed, too slow,  │                    │         provisional
 *   │ │ │                        │        waits           │ not wanted any more│                    │           │     │
 *   │ │ │ ordered back           │ cannot                 ▼                    ▼                    ▼           │     │ confirmed
 *   │ │ └────────────────────────┼──────────────────► reverting ◄── a check fails, not confirmed in time ◄──────┘     ▼
 *   │ │                          ▼                      │ ▲ │                                                       watching
 *   │ └─────────────────────── failed ◄── reverted ─────┤ │ └─ cannot, twice ─► stuck                                │   │
 *   │                                                   │ └──────── tries again ──┘                                  │   │
 *   └──────────────────────────────────── reverted ─────┘ ◄───────────────────────────── a check fails, ordered back ┘   │
 *   └────────────────────────────────────────────────────────────────────────────────────── the watch is over ───────────┘
 * ```
 *
 * What came into force stands trial for a while longer, whatever the phase: `trial.ts`. A change of several slots goes back as one
 * set: `changeSet.ts`.
 *
 * Spans (`until`) are moments on the monotonic clock of the present process. They are worth nothing after a restart and need
 * not be: whatever is under way then, goes back.
 */
export interface Slot {
  readonly name: SlotName;
  /** The newest document accepted for this slot; `null` before the first. */
  readonly assignment: Assignment | null;
  readonly confirmWithinMs: DurationMs;
  /** How far `assignment` may be followed forward; `null` before the first. */
  readonly leaves: Leaves | null;
  /** The last document refused, in a sentence; `null` since one was accepted. */
  readonly refused: string | null;
  /** What the slot held before we first changed it; `null` until we are about to. */
  readonly baseline: Baseline | null;
  /** What the slot is to hold as far as this agent alone is concerned: found at first, then applied and confirmed, or gone back to. */
  readonly holds: Content | null;
  /** `holds` is the baseline, or was a last known good, or was gone back to. Only something proven is ever gone back to. */
  readonly proven: boolean;
  /** What to go back to while `holds` is not proven; equal to `holds` when it is. */
  readonly wayBack: Content | null;
  /** What was confirmed here and not gone back from since, the newest last, at most {@link KEPT_CONFIRMED}. */
  readonly confirmed: readonly Digest[];
  /** What was shown to have finished a whole rollout while it was held here, the newest last, at most {@link KEPT_EARNED} (law 8). */
  readonly earned: readonly Digest[];
  /** What a person took back here by hand; empty once something else was confirmed. Whatever is ordered, it is not taken again. */
  readonly takenBack: readonly Content[];
  /** How what came last has stood since; `null`: nothing came yet, or it was gone back from. */
  readonly trial: Trial | null;
  /** What was read back last, and how; `null`: not read, or it could not be. */
  readonly current: Content | null;
  readonly verifiedBy: string;
  /** Why the last revision that could not be held was not. */
  readonly failure: Failure | null;
  /** How often in a row one artifact did not hold here, over confirmations and restarts; `null` once it has stood its trial. */
  readonly tried: { readonly artifact: Digest; readonly times: number } | null;
  /** Whether the server can be reached now. */
  readonly contact: boolean;
  readonly phase: Phase;
}

/** What a slot can hold: some bytes, by digest, or nothing at all (there is no file). */
export type Content = Digest | 'absent';

export interface Baseline {
  readonly content: Content;
  readonly attributes: Attributes;
}

/** What a driver wants to be given back with the bytes of a baseline: a file's mode and owner. The core only keeps it. */
export type Attributes = Readonly<Record<string, number>>;

export type Phase =
  /** Holds what it should hold, or has not been told. */
  | { readonly name: 'settled' }
  /** Fetches and checks; changes nothing. `until`: when to try again after a failure that may pass. */
  | { readonly name: 'preparing'; readonly move: Move; readonly attempt: number; readonly until: DurationMs | null }
  | { readonly name: 'applying' | 'verifying' | 'checking'; readonly move: Move; readonly until: DurationMs }
  /** In force and verified. At `until` it goes back unless it was confirmed. */
  | { readonly name: 'provisional'; readonly move: Move; readonly until: DurationMs }
  /** Confirmed; a check that fails before `until` still takes it back. */
  | { readonly name: 'watching'; readonly move: Move; readonly until: DurationMs }
  | { readonly name: 'reverting'; readonly revert: Revert; readonly until: DurationMs }
  /** Went back, but cannot show that it is back. Tries again at `until`. */
  | { readonly name: 'stuck'; readonly revert: Revert; readonly says: string; readonly until: DurationMs }
  /** Should hold something that failed here. Holds what is proven. `until`: when a last known good is tried again; `null`: it is not. */
  | { readonly name: 'failed'; readonly until: DurationMs | null };

export type PhaseName = Phase['name'];

/** On the way to a new revision. */
export interface Move {
  readonly to: Digest;
  /** Proven. What is gone back to. */
  readonly from: Content;
  /** The rollout whose candidate it is; `null`: it is the last known good, which this target lacks. */
  readonly rollout: string | null;
  /** Generation of the assignment that asked for it. A confirmation of an older one is not for this. */
  readonly generation: number;
}

export interface Revert {
  readonly to: Content;
  /** What may still be in force until the way back is verified. */
  readonly leaving: Content | null;
  /** From 1. */
  readonly attempt: number;
}

export interface Failure {
  readonly artifact: Digest;
  /** As in the move. */
  readonly rollout: string | null;
  readonly code: FailureCode;
  readonly says: string;
  /** The slot of the same set that it is about; left out: this one. */
  readonly slot?: SlotName;
}

/** How many revisions that were confirmed here stay on the target, the present one included. The baseline comes on top. */
export const KEPT_CONFIRMED = 3;

/** How many revisions that finished a whole rollout stay on the target, wanted or not. */
export const KEPT_EARNED = 3;

export function newSlot(name: SlotName): Slot {
  return {
    name,
    assignment: null,
    confirmWithinMs: 0,
    leaves: null,
    refused: null,
    baseline: null,
    holds: null,
    proven: true,
    wayBack: null,
    confirmed: [],
    earned: [],
    takenBack: [],
    trial: null,
    current: null,
    verifiedBy: '',
    failure: null,
    tried: null,
    contact: false,
    phase: { name: 'settled' },
  };
}

/** The contents whose bytes must stay on the target (laws 5 and 8). Everything else may be thrown away. */
export function contentsToKeep(slot: Slot): ReadonlySet<Content> {
  const keep = new Set<Content>([...slot.confirmed, ...slot.earned]);
  if (slot.trial !== null) keep.add(slot.trial.move.from);
  for (const content of [slot.baseline?.content, slot.holds, slot.wayBack]) if (content != null) keep.add(content);
  const { phase, assignment } = slot;
  if ('move' in phase) keep.add(phase.move.to).add(phase.move.from);
  if ('revert' in phase) keep.add(phase.revert.to);
  if (assignment?.lastKnownGood != null) keep.add(assignment.lastKnownGood);
  if (assignment?.candidate != null) keep.add(assignment.candidate.artifact);
  return keep;
}

/** When something ends by itself, the phase or the trial; `null`: nothing does. */
export function deadlineOf({ phase, trial }: Slot): DurationMs | null {
  const ends = ['until' in phase ? phase.until : null, trial?.until ?? null].filter((until) => until !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}
