import type { SlotLimits } from '../../core/agent/slotInput.ts';
import type { AgentCheck } from '../../wire/manifest/agent.ts';
import { type AgentSlot, slotSpans } from '../../wire/manifest/slot/agentSlots.ts';

/** Disks, and what else takes time besides what has a limit of its own. */
const SLACK_MS = 10_000;
/** However long a server asks for: a target that is cut off is back on what is proven after this. */
const PROVISIONAL_AT_MOST_MS = 3_600_000;
/** Three starts of the same kind, each within ten minutes of the last, are no accident. */
const TRIAL: SlotLimits['trial'] = { quietMs: 600_000, strikes: 3 };

/** How long each step of a slot may take, from the limits that its manifest gives to what the step does. */
export function slotLimits(slot: AgentSlot, checks: readonly AgentCheck[]): SlotLimits {
  const { applyMs, verifyMs, undoMs, restarts } = slotSpans(slot);
  const slowestCheckMs = checks.map(({ everyMs, timeoutMs, failures }) => failures * (everyMs + timeoutMs));
  const checkWithinMs = Math.max(0, ...slowestCheckMs) + SLACK_MS;
  return {
    applyWithinMs: applyMs + SLACK_MS,
    verifyWithinMs: verifyMs + SLACK_MS,
    checkWithinMs,
    // Where a restart may follow, the checks are asked before it.
    revertWithinMs: undoMs + SLACK_MS + (restarts ? checkWithinMs : 0),
    watchForMs: slot.watchForMs,
    provisionalAtMostMs: PROVISIONAL_AT_MOST_MS,
    retryMs: { first: 1_000, most: 60_000 },
    retryGoodMs: { first: 60_000, most: 3_600_000 },
    trial: TRIAL,
  };
}
