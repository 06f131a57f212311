import { type Gate, isOpen, type Say } from '../../core/policy/approval.ts';
import type { BreakGlass } from '../../core/policy/breakGlass.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { ApprovalView } from '../../engine/ports/approvals.ts';
import type { ApprovalBody, BreakGlassBody, GateBody } from '../../wire/http/approval.ts';
import type { RolloutBody } from '../../wire/http/rollout.ts';
import { toInstant } from '../../wire/http/schema.ts';
import type { Sent } from './route.ts';

export function toApproval(
  { plan, change, author, gates, says, breakGlass }: ApprovalView,
  waitsForYou: boolean,
): Sent<ApprovalBody> {
  return {
    change: { digest: change.digest, name: change.name },
    service: change.service,
    author,
    pipeline: plan.pipeline,
    rollout: plan.rollout,
    irreversible: change.irreversible ?? null,
    gates: gates.map(toGate),
    says: says.map(toSay),
    breakGlass: breakGlass === null ? null : toBreakGlass(breakGlass),
    waitsForYou,
  };
}

export function toGate(gate: Gate): Sent<GateBody> {
  return { ...gate, open: isOpen(gate), rejected: gate.rejected.map(toSay) };
}

export function toBreakGlass(glass: BreakGlass): Sent<BreakGlassBody> {
  const { reason, askedBy, askedAt, confirmedBy, confirmedAt, expires } = glass;
  return {
    reason,
    askedBy,
    askedAt: toInstant(askedAt),
    confirmedBy,
    confirmedAt: confirmedAt === null ? null : toInstant(confirmedAt),
    expires: toInstant(expires),
  };
}

export function toRolloutBreakGlass({ breakGlass }: Rollout): Sent<RolloutBody['breakGlass']> {
  return breakGlass === null ? null : { ...toBreakGlass(breakGlass), gates: breakGlass.gates };
}

function toSay(say: Say): Sent<ApprovalBody['says'][number]> {
  return { ...say, at: toInstant(say.at) };
}
