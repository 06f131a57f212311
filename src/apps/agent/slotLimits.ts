import type { SlotLimits } from '../../core/agent/slotInput.ts';
import type { AgentCheck, AgentSlot } from '../../wire/manifest/agent.ts';

/** Disks, and what else takes time besides what has a limit of its own. */
const SLACK_MS = 10_000;
/** However long a server asks for: a target that is cut off is back on what is proven after this. */
const PROVISIONAL_AT_MOST_MS = 3_600_000;

/** How long each step of a slot may take, from the limits that its manifest gives to what the step does. */
export function slotLimits({ reload, verify, watchForMs }: AgentSlot, checks: readonly AgentCheck[]): SlotLimits {
  const reloadMs = reload === null || reload.kind === 'signal' ? 0 : reload.timeoutMs;
  const verifyMs = verify?.withinMs ?? 0;
  const slowestCheckMs = checks.map(({ everyMs, timeoutMs, failures }) => failures * (everyMs + timeoutMs));
  return {
    applyWithinMs: reloadMs + SLACK_MS,
    verifyWithinMs: verifyMs + SLACK_MS,
    checkWithinMs: Math.max(0, ...slowestCheckMs) + SLACK_MS,
    revertWithinMs: reloadMs + verifyMs + SLACK_MS,
    watchForMs,
    provisionalAtMostMs: PROVISIONAL_AT_MOST_MS,
    retryMs: { first: 1_000, most: 60_000 },
    retryGoodMs: { first: 60_000, most: 3_600_000 },
  };
}
