import type { Digest } from '../kernel/digest.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { FreezeWindow } from './freeze.ts';

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
  /** Services that depend on this one, directly or through others. */
  readonly dependents: readonly string[];
  /** What the baking alone takes at the least. */
  readonly minimumMs: DurationMs;
  /** Freezes that bind now, and those that will begin before it could be done. */
  readonly freezes: readonly FreezeWindow[];
  /** Why it would be refused, in order of precedence; empty: it may start. */
  readonly refusals: readonly Refusal[];
}

export interface PlanStage {
  readonly name: string;
  readonly selects: string;
  readonly targets: number;
  /** Targets of this stage that are connected now. */
  readonly connected: number;
  readonly byRole: Readonly<Record<string, number>>;
  /** Targets opened by each wave, cumulative. */
  readonly waves: readonly { readonly targets: number; readonly below: number }[];
  readonly bakeMs: DurationMs;
  readonly exposure: { readonly metric: string; readonly atLeast: number } | null;
}
