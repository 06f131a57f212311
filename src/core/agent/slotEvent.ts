import type { DurationMs } from '../kernel/instant.ts';
import type { Leaves } from '../policy/permit.ts';
import type { Assignment } from '../rollout/assignment.ts';
import type { Baseline, Content, Failure, Move, Revert } from './slot.ts';
import type { Strikes } from './trial.ts';

/** What happened to a slot. State is the fold of these ({@link evolveSlot}); the engine keeps the state durable before it acts on it. */
export type SlotEvent =
  /** Accepted is what it says about the way back; forward it is followed as far as `leaves` goes. */
  | {
      readonly type: 'AssignmentAccepted';
      readonly assignment: Assignment;
      readonly confirmWithinMs: DurationMs;
      readonly leaves: Leaves;
    }
  | { readonly type: 'AssignmentRefused'; readonly says: string }
  /** Older than one that was accepted: late, or repeated. Changes nothing. */
  | { readonly type: 'AssignmentIgnored'; readonly says: string }
  | { readonly type: 'ContactChanged'; readonly contact: boolean }
  | { readonly type: 'Found'; readonly content: Content | null; readonly verifiedBy: string }
  | { readonly type: 'MoveStarted'; readonly move: Move }
  /** `until: null`: goes on when the server can be reached again. */
  | { readonly type: 'PrepareDelayed'; readonly says: string; readonly until: DurationMs | null }
  | { readonly type: 'PrepareRetried'; readonly attempt: number }
  /** Not wanted any more; nothing was changed. */
  | { readonly type: 'MoveDropped' }
  /** Nothing was changed. */
  | { readonly type: 'MoveFailed'; readonly failure: Failure }
  | { readonly type: 'BaselineTaken'; readonly baseline: Baseline }
  | { readonly type: 'ApplyStarted'; readonly until: DurationMs }
  | { readonly type: 'Applied'; readonly until: DurationMs }
  | { readonly type: 'Verified'; readonly verifiedBy: string; readonly until: DurationMs }
  | { readonly type: 'BecameProvisional'; readonly until: DurationMs }
  | { readonly type: 'Confirmed' }
  | { readonly type: 'WatchStarted'; readonly until: DurationMs }
  | { readonly type: 'WatchEnded' }
  /** What is in force stands trial until then, with what was counted against it so far. */
  | { readonly type: 'TrialRuns'; readonly strikes: Strikes; readonly until: DurationMs }
  /** Nothing has happened for long enough. */
  | { readonly type: 'TrialEnded' }
  /** `failure: null`: ordered, or no longer wanted. */
  | {
      readonly type: 'RevertStarted';
      readonly revert: Revert;
      readonly failure: Failure | null;
      readonly until: DurationMs;
    }
  | { readonly type: 'RevertTried'; readonly attempt: number; readonly says: string; readonly until: DurationMs }
  | { readonly type: 'RevertStuck'; readonly says: string; readonly until: DurationMs }
  /** A person took this revision back here, for `to` (`null`: it was not in force yet). It is not gone forward to until another one was confirmed. */
  | { readonly type: 'TakenBack'; readonly content: Content; readonly to: Content | null }
  /** A person started the agent anew: what failed here counts from the first time on. */
  | { readonly type: 'TriesForgotten' }
  | { readonly type: 'Reverted'; readonly verifiedBy: string }
  | { readonly type: 'Rested'; readonly phase: 'settled' }
  /** What it should hold failed here, and is not tried again before `until`; `null`: until another rollout asks for it. */
  | { readonly type: 'Rested'; readonly phase: 'failed'; readonly until: DurationMs | null };
