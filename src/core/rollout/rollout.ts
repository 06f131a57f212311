import type { Verdict } from '../analysis/verdict.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Breakable, ConfirmedBreakGlass } from '../policy/breakGlass.ts';
import type { Change } from '../policy/change.ts';
import type { PeakWindow } from '../policy/peak.ts';
import type { StageEvidence } from '../policy/permit.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { Signed } from '../policy/signed.ts';
import type { SlotName } from '../topology/service.ts';
import type { Absence } from './absence.ts';
import type { Opening } from './assignment.ts';
import type { HoldReason } from './hold.ts';
import type { Pace } from './pace.ts';
import type { ReachedPart } from './reached.ts';
import type { Step } from './steps.ts';

/**
 * ```
 *              ┌───────────── next wave ────────────┐   the first stage, once: rolling ──► rehearsing ──► rolling
 *   start ──► rolling ──(all waves confirmed)──► baking ──(pass)──► ready ──(open next stage)──► rolling …
 *              │   │                              │                  │
 *              │   └──────────── fail, silence, a person ────────────┤          last stage ──► completed
 *              ▼                                  ▼                  ▼
 *            rollingBack ──(every target back, by effect)──► rolledBack
 * ```
 */
export const ROLLOUT_PHASES = [
  'rolling',
  'rehearsing',
  'baking',
  'ready',
  'rollingBack',
  'rolledBack',
  'completed',
] as const;
export type RolloutPhase = (typeof ROLLOUT_PHASES)[number];

/** A wave as planned: how far it opens its stage, and how many targets that was when the rollout started. */
export interface PlannedWave {
  readonly below: number;
  readonly targets: number;
}

export interface PlannedStage {
  readonly name: string;
  readonly waves: readonly PlannedWave[];
  readonly targets: number;
}

/** What one stage has proven, scoped to change × role × stage (law 3). */
export interface Evidence {
  readonly change: Digest;
  readonly stage: string;
  readonly at: Instant;
  readonly verdicts: readonly Verdict[];
  readonly exposure: Readonly<Record<string, number>>;
  /** The peak that the bake covered, where the stage asks for one (law 4). */
  readonly peak?: PeakWindow;
  /** The dated proof that this change goes back: of the first stage, where the pipeline asks for it. */
  readonly rehearsal: { readonly provenAt: Instant; readonly tookMs: number; readonly targets: number } | null;
}

export interface Rollout {
  readonly id: string;
  readonly change: Change;
  readonly pipeline: Pipeline;
  readonly plan: readonly PlannedStage[];
  /** Position of its first event: what a target reports of an older generation is not about this rollout. */
  readonly position: number;
  /** The roles of the change that have each of its slots. */
  readonly slotRoles: Readonly<Record<SlotName, readonly string[]>>;
  /** It goes to what was known to be good when it started, by the shorter way. */
  readonly fastTrack?: true;
  /** Of the plan it was started from: what people agree to, they agree to for this one. */
  readonly edition: number;
  /** Two people opened its gates (law 15), and which of them it went past. Stays on it when it is over. */
  readonly breakGlass: (ConfirmedBreakGlass & { readonly gates: readonly Breakable[] }) | null;
  readonly startedBy: string;
  readonly startedAt: Instant;
  readonly phase: RolloutPhase;
  /** When the present phase, or the present wave, began. */
  readonly since: Instant;
  readonly stage: number;
  readonly wave: number;
  /** When the first wave of the present stage was opened. */
  readonly stageOpenedAt: Instant;
  /** What it has opened, in order. A rollback leaves this standing: it says which targets must come back. */
  readonly openings: readonly Opening[];
  /** What of that was last signed leave for; `null` before, and without permits. The two are the same, or the record was changed. */
  readonly permitted: readonly Opening[] | null;
  /** When each part of the fleet was ordered to move, the oldest first. A rollback leaves this standing too. */
  readonly reached: readonly ReachedPart[];
  /** How the present wave was opened: in one step, or in several where there is a floor or a pace to keep. */
  readonly steps: readonly Step[];
  /** How many of the present stage's targets are under way at once; `null`: the pipeline does not say (law 12). */
  readonly pace: Pace | null;
  /** How far the way back has come, where the service asks for a floor; `null`: everyone goes, or nobody (law 11). */
  readonly release: { readonly below: number; readonly at: Instant } | null;
  /** Who was not connected when it was ordered to move. */
  readonly absent: Absence;
  readonly holds: readonly HoldReason[];
  /** When the first of the present holds was raised; `null` when none is. */
  readonly heldSince: Instant | null;
  readonly paused: { readonly by: string; readonly reason: string; readonly at: Instant } | null;
  /** A person accepted these holds (resume); they are not raised again in this stage. */
  readonly accepted: readonly HoldReason[];
  /** Law 6: whether the way back has been walked in this rollout; `null` before that, or when the pipeline does not ask for it. */
  readonly rehearsal: Rehearsal | null;
  readonly evidence: readonly Evidence[];
  /** The same, signed: by stage, then by role. */
  readonly signedEvidence: readonly Readonly<Record<string, Signed<StageEvidence>>>[];
  /** Evidence that a person took back, until the stage has passed anew. */
  readonly revoked: readonly RevokedEvidence[];
  /** Names of targets that failed, with the reason each gave. At most 50; `failedCount` counts all. */
  readonly failed: readonly { readonly target: string; readonly code: string; readonly says: string }[];
  readonly failedCount: number;
  /** When the first of them was recorded; `null` before. */
  readonly failedSince: Instant | null;
  readonly rollback: RollbackOrder | null;
  readonly stragglers: readonly string[];
  /** Of what cannot be undone: how many targets keep it, once it was ordered back. */
  readonly kept?: number;
  readonly endedAt: Instant | null;
}

/** The first stage goes back and forward again. What it has proven is part of the first stage's evidence. */
export interface Rehearsal {
  /** Position of the order to go back: a target that has not seen it is not back. */
  readonly position: number;
  readonly startedAt: Instant;
  /** When every target of the stage had said, by effect, that it was back; `null` while under way. */
  readonly provenAt: Instant | null;
  /** How many targets went back. */
  readonly targets: number;
}

export interface RevokedEvidence {
  readonly stage: number;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface RollbackOrder {
  /** Position of the order in the log: a target that has not seen it is not back. */
  readonly position: number;
  readonly by: string;
  readonly code: RollbackCode;
  readonly says: string;
  /** The verdicts it was ordered on; empty when no check was the reason. */
  readonly verdicts: readonly Verdict[];
  readonly at: Instant;
}

/** Why it goes back. All but the last three quarantine the change (law 18): blame says who it was, not that the bytes are bad. */
export const ROLLBACK_CODES = [
  'guardrail-failed',
  'target-failed',
  'silence',
  'rehearsal-failed',
  'blamed',
  'held-too-long',
  'person',
] as const;
export type RollbackCode = (typeof ROLLBACK_CODES)[number];
