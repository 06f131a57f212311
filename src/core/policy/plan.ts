import type { Digest } from '../kernel/digest.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { BlastRadius } from '../topology/blastRadius.ts';
import type { Capacity } from '../topology/capacity.ts';
import type { LateCohort } from '../topology/cohorts.ts';
import type { Reach } from '../topology/traffic.ts';
import type { Gate } from './approval.ts';
import type { BreakGlass } from './breakGlass.ts';
import type { Irreversible } from './change.ts';
import type { FreezeWindow } from './freeze.ts';
import type { PeakWindow } from './peak.ts';
import type { StageSteps } from './planSteps.ts';
import type { RuleOutcome } from './rule.ts';

/** What would happen if a change were started now. Starting goes through the same code and adds nothing to it. */
export interface Plan {
  readonly change: { readonly digest: Digest; readonly name: string };
  readonly service: string;
  readonly pipeline: string;
  readonly roles: readonly string[];
  readonly stages: readonly PlanStage[];
  /** Targets of the named roles that no stage selects: they would never get this change. Named up to 50. */
  readonly unstaged: readonly string[];
  readonly unstagedCount: number;
  /** The floor that the service asks for (law 11); left out: none. */
  readonly capacity?: Capacity;
  /** Who is hurt if this is bad, once all its stages are open. */
  readonly blast: BlastRadius;
  /** Groups of targets that are all in the last stage, or in none. */
  readonly lateCohorts: readonly LateCohort[];
  /** What refuses nothing and yet should be read before starting. */
  readonly warnings: readonly PlanWarning[];
  /** What the baking alone takes at the least, with its waits for peaks. */
  readonly minimumMs: DurationMs;
  /** Freezes that bind now, and those that will begin before it could be done. */
  readonly freezes: readonly FreezeWindow[];
  /** What the pipeline's rules say of every stage, as if it opened now. */
  readonly rules: readonly PlannedRule[];
  /** It goes to what is known to be good, so nobody is asked and it bakes for less. */
  readonly fastTrack: boolean;
  /** Law 6: why it cannot be undone, and how one restores; `null`: it can. */
  readonly irreversible: Irreversible | null;
  /** Whom it waits for, before which stage. */
  readonly gates: readonly Gate[];
  /** In force now. */
  readonly breakGlass: BreakGlass | null;
  /** Why it would be refused, in order of precedence; empty: it may start. */
  readonly refusals: readonly Refusal[];
}

export interface PlannedRule {
  readonly rule: string;
  readonly stage: string;
  /** The first wave that it refuses, from 1; 1 when it refuses none. */
  readonly wave: number;
  readonly outcome: RuleOutcome['outcome'];
  readonly says: string;
}

export const PLAN_WARNINGS = [
  'heavy-step', // a step that opens far more of the traffic than of the targets
  'large-step', // a step that opens most of the traffic, and nobody set a limit
  'late-cohort', // see `lateCohorts`
  'traffic-unknown', // of some targets, or of all
] as const;

export interface PlanWarning {
  readonly code: (typeof PLAN_WARNINGS)[number];
  readonly says: string;
}

export interface PlanStage {
  readonly name: string;
  readonly selects: string;
  readonly targets: number;
  /** Targets of this stage that are connected now. */
  readonly connected: number;
  readonly byRole: Readonly<Record<string, number>>;
  /** Targets opened by each wave, cumulative, and what each opens newly. */
  readonly waves: readonly { readonly targets: number; readonly below: number; readonly opens: Reach }[];
  /** What the stage opens by itself. */
  readonly opens: Reach;
  /** What is open once it is, with every stage before it. */
  readonly reached: Reach;
  /** Where a floor or a pace is asked for, in how many steps it is opened; left out: a whole wave at a time. */
  readonly steps?: StageSteps;
  readonly bakeMs: DurationMs;
  /** Where the bake must cover a peak: the first that it could; `null`: it need not. */
  readonly peak: PeakWindow | null;
  readonly exposure: { readonly metric: string; readonly atLeast: number } | null;
}
