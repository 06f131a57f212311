import type { Digest } from '../kernel/digest.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Leaves } from '../policy/permit.ts';
import type { Assignment } from '../rollout/assignment.ts';
import type { Target } from '../topology/target.ts';
import type { BrokenSet } from './changeSet.ts';
import type { FailureCode } from './failureCode.ts';
import type { Attributes, Content, Move, Revert } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';
import type { Strike } from './trial.ts';

/** Everything that can come to a slot: orders, the results of its own effects, the state of the link, time. */
export type SlotInput =
  /** The agent starts, with what it had kept. Comes first and once. */
  | { readonly kind: 'started'; readonly after: StartedAfter }
  /** The agent is told to end. Nothing is applied after it. */
  | { readonly kind: 'stopping' }
  /** `leaves`: what the permits that came with it allow, by the agent's own judgement (law 23). */
  | {
      readonly kind: 'assigned';
      readonly assignment: Assignment;
      readonly confirmWithinMs: DurationMs;
      readonly leaves: Leaves;
    }
  | { readonly kind: 'confirmed'; readonly generation: number; readonly artifact: Digest | null }
  /** A person at the target wants this, or (`null`) what was proven before. Asks nobody; a second one changes nothing. */
  | { readonly kind: 'revertOrdered'; readonly to: Content | null; readonly says: string }
  | { readonly kind: 'contactLost' }
  | { readonly kind: 'contactRegained' }
  /** `content: null`: it could not be read. */
  | { readonly kind: 'inspected'; readonly content: Content | null; readonly verifiedBy: string }
  /** The bytes of the new revision, of the last known good and of what is in force are on the target, and every check passes. */
  | { readonly kind: 'prepared'; readonly found: Content; readonly attributes: Attributes }
  /** `passing`: it may work later without anybody doing anything, e.g. the server cannot be reached. */
  | { readonly kind: 'prepareFailed'; readonly code: FailureCode; readonly says: string; readonly passing: boolean }
  | { readonly kind: 'applied' }
  /** `touched: false`: what was in force is in force as if nothing had been tried. */
  | { readonly kind: 'applyFailed'; readonly code: FailureCode; readonly says: string; readonly touched: boolean }
  | { readonly kind: 'verified'; readonly verifiedBy: string }
  | { readonly kind: 'verifyFailed'; readonly says: string }
  /** Every check has passed once since they were asked to run again. */
  | { readonly kind: 'checksPassed' }
  | { readonly kind: 'checkFailed'; readonly says: string }
  /** Something that speaks against what is in force: the service was started anew, or has just become unwell. */
  | { readonly kind: 'struck'; readonly by: Exclude<Strike, 'started'>; readonly says: string }
  /** Another slot of this target could not hold its part of the same rollout. */
  | { readonly kind: 'setFailed'; readonly broken: BrokenSet }
  | { readonly kind: 'reverted'; readonly verifiedBy: string }
  | { readonly kind: 'revertFailed'; readonly says: string }
  /** What was about to be done, or that the agent was started, could not be written down. */
  | {
      readonly kind: 'journalFailed';
      readonly code: FailureCode;
      readonly says: string;
    }
  /** Time has passed. */
  | { readonly kind: 'tick' };

export type InputKind = SlotInput['kind'];

/**
 * What was before this start of the agent. `stop`: it had been told to end, or had never run; `crash`: it ended otherwise; `boot`: the
 * machine was booted since it last ran, however that ended.
 */
export type StartedAfter = 'stop' | 'crash' | 'boot';

/** What the engine is to do once the events are kept. One at a time for each slot: a new one, or a change of phase, ends the one before. */
export type SlotEffect =
  | { readonly do: 'inspect' }
  /** Changes nothing that is in force. `alsoKeep`: the last known good, which must be on the target before anything moves (law 5). */
  | { readonly do: 'prepare'; readonly move: Move; readonly alsoKeep: Digest | null }
  | { readonly do: 'apply'; readonly move: Move }
  | { readonly do: 'verify'; readonly move: Move }
  /** Runs every local check anew. */
  | { readonly do: 'check' }
  /** Puts the bytes back and shows by effect that they are in force. */
  | { readonly do: 'revert'; readonly revert: Revert }
  /** Throws away what need not be kept (`contentsToKeep`), then looks, like `inspect`. */
  | { readonly do: 'tidy' };

export interface Decision {
  readonly events: readonly SlotEvent[];
  readonly effect: SlotEffect | null;
}

/** What a decision depends on besides the slot: the time, who we are, and the spans that apply. */
export interface Moment {
  /** Monotonic. */
  readonly now: DurationMs;
  readonly target: Target;
  readonly limits: SlotLimits;
}

export interface SlotLimits {
  readonly applyWithinMs: DurationMs;
  readonly verifyWithinMs: DurationMs;
  readonly checkWithinMs: DurationMs;
  readonly revertWithinMs: DurationMs;
  /** How long checks still take a confirmed revision back. */
  readonly watchForMs: DurationMs;
  /** The most that a server may ask for with `confirmWithinMs`. */
  readonly provisionalAtMostMs: DurationMs;
  /** The pause after the first failure; doubles with each up to the second value. */
  readonly retryMs: { readonly first: DurationMs; readonly most: DurationMs };
  /** The same, before a last known good that failed here outside any rollout is tried again. */
  readonly retryGoodMs: { readonly first: DurationMs; readonly most: DurationMs };
  readonly trial: {
    /** So long without a strike, and what is in force has stood. */
    readonly quietMs: DurationMs;
    /** So many of one kind take it back. */
    readonly strikes: number;
  };
}
