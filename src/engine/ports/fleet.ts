import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { Permit } from '../../core/policy/permit.ts';
import type { AnnouncedKey, Signed } from '../../core/policy/signed.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Watches } from './scrape.ts';

/**
 * What a link (a way in which agents reach us) needs from the engine. The engine implements it, links call it. State is keyed by
 * the agent's instance uid, never by a socket: the same uid may come back over another transport at any time.
 */
export interface Fleet {
  /** Whether a bearer token lets an agent connect. Constant time in the token. Before any protocol message is read. */
  admits(token: string): boolean;

  /**
   * A target introduces itself (first report, or its description changed). Enrols it durably when it is new: resolves after the
   * append. Refused: unknown service or role, or the name is taken by another uid that is connected. Idempotent.
   */
  introduce(target: Target): Promise<Result<void, Refusal>>;

  /** What a Ringfence agent said of itself. Complete each time; older reports of the same connection never arrive after newer ones. */
  report(uid: string, report: TargetReport): void;
  /** What the server itself holds for the target, in slots of which no agent knows. Stays until it is said anew; shown beside what the agent reports. */
  served(uid: string, slots: readonly SlotReport[]): void;
  /** What was counted on the target since each epoch began. Repeats are harmless. */
  observe(uid: string, observations: TargetObservations): void;
  /** The target's link is gone (closed, or silent for longer than the link allows). Idempotent. */
  lost(uid: string): void;

  /**
   * The documents for this target's service and role; `null` for an unknown uid, and for everybody once another control plane has
   * taken over (law 20). Same object identity while nothing changed.
   */
  assignmentsFor(uid: string): AssignmentSet | null;
  /**
   * The same for an agent that cannot check a permit: without what has no good one (law 1). Same object identity while nothing
   * changed.
   */
  enforcedFor(uid: string): AssignmentSet | null;
  /** The confirmations this target is owed now. */
  confirmationsFor(uid: string): readonly Confirmation[];

  /** Bytes by digest, for agents that download. */
  artifact(digest: Digest): Promise<Uint8Array | null>;

  /**
   * Calls back when what some targets are to be told has changed. `urgent` (a rollback) goes before everything else that waits
   * to be sent. Returns a way to stop listening.
   */
  onChange(listener: (change: FleetChange) => void): () => void;
}

export type FleetChange =
  /**
   * The assignments of a role changed: every connected target of it must be told, or only those that are to hold something else
   * by them (`moved`); the others hear of it with the next thing they are told.
   */
  | {
      readonly kind: 'assignments';
      readonly service: string;
      readonly role: string;
      readonly urgent: boolean;
      readonly reach: 'everyone' | 'moved';
    }
  /** One target is owed a confirmation. */
  | { readonly kind: 'confirmation'; readonly uid: string };

/** Everything one role of one service is told: the same for all of its targets. */
export interface AssignmentSet {
  readonly service: string;
  readonly role: string;
  readonly assignments: readonly Assignment[];
  /** What its agents are to read from their services. */
  readonly watches: Watches;
  readonly confirmWithinMs: number;
  /** What lets the role's targets follow the assignments (law 23). */
  readonly permits: readonly Signed<Permit>[];
  readonly keys: readonly AnnouncedKey[];
  /** The server's wall clock when this was said. */
  readonly serverTime: Instant;
}

export interface Confirmation {
  readonly slot: SlotName;
  readonly generation: number;
  readonly artifact: Digest | null;
}

export type TargetPhase = 'settled' | 'preparing' | 'applying' | 'verifying' | 'provisional' | 'reverting' | 'failed';

export interface SlotReport {
  readonly slot: SlotName;
  readonly generation: number;
  readonly phase: TargetPhase;
  /** What is in force, read back from the target; `null` when unknown. */
  readonly current: Digest | null;
  readonly baseline: Digest | null;
  readonly failed: Digest | null;
  readonly failureCode: string;
  readonly failure: string;
  readonly verifiedBy: string;
  /** Why it does not take what it was ordered; left out when it was not refused. `code` is one of `PERMIT_REFUSALS`, or `refused` when the assignment itself is. */
  readonly refusal?: { readonly code: string; readonly says: string };
}

export interface TargetReport {
  readonly slots: readonly SlotReport[];
  readonly checks: readonly { readonly name: string; readonly healthy: boolean; readonly detail: string }[];
  /**
   * What an agent that is not ours says of its health over OpAMP: its own under `''`, a component's by the names that lead to it, with a
   * slash between. Left out: it says nothing of it.
   */
  readonly components?: readonly { readonly path: string; readonly healthy: boolean }[];
}

export interface TargetObservations {
  readonly observations: readonly TargetObservation[];
  readonly exposedCounters: readonly string[];
  /** Left out: none. */
  readonly exposedGauges?: readonly string[];
  readonly exposedHistograms?: readonly string[];
  readonly scrapeError: string;
}

export type TargetObservation = {
  readonly metric: string;
  readonly slot: SlotName;
  readonly artifact: Digest | null;
  readonly epoch: number;
  readonly present: boolean;
  /** How long it has been counted since the epoch began; left out by those who do not say. */
  readonly countedMs?: DurationMs;
} & Counted;

/** What has come together since an epoch began: of a counter, of a histogram, of a gauge. */
export type Counted =
  | { readonly total: number }
  | { readonly sketch: Sketch }
  | {
      /** How often it was read, and what it showed the last times, oldest first. */
      readonly readings: { readonly taken: number; readonly last: readonly number[] };
    };
