import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { Gate, Say } from '../../core/policy/approval.ts';
import type { BreakGlass } from '../../core/policy/breakGlass.ts';
import type { Change } from '../../core/policy/change.ts';
import type { PlanReference } from '../../core/record/agreement.ts';

/** What people say of somebody else's change. Each method that changes something resolves after it is durable; a refusal changed nothing. */
export interface Approvals {
  /** Says yes, no, or takes back what was said. `before: null`: of the next gate that waits. */
  say(
    actor: string,
    word: 'approve' | 'reject' | 'withdraw',
    of: NamedPlan,
    before: string | null,
    reason: string,
  ): Promise<Result<ApprovalView, Refusal>>;
  askBreakGlass(
    actor: string,
    of: NamedPlan,
    reason: string,
    forMs: DurationMs,
  ): Promise<Result<ApprovalView, Refusal>>;
  confirmBreakGlass(actor: string, of: NamedPlan): Promise<Result<ApprovalView, Refusal>>;
  endBreakGlass(actor: string, of: NamedPlan): Promise<Result<ApprovalView, Refusal>>;
  /** Plans that have a gate or break-glass: rollouts that run, then changes that never went out, the newest first. */
  views(): readonly ApprovalView[];
  /** Whether this person could still open a gate of it, or confirm its break-glass. */
  waitsFor(view: ApprovalView, actor: string): boolean;
}

export interface NamedPlan {
  /** The id of a rollout; else a change by name or digest. */
  readonly of: string;
  /** May be left out when the service has one pipeline. */
  readonly pipeline?: string;
}

export interface ApprovalView {
  readonly plan: PlanReference;
  readonly change: Change;
  /** Name of whoever registered the change. */
  readonly author: string;
  readonly gates: readonly Gate[];
  readonly says: readonly Say[];
  readonly breakGlass: BreakGlass | null;
}
