import { formatDuration } from '../kernel/instant.ts';
import { otherWayBack } from './aim.ts';
import { landAndTidy } from './restingSteps.ts';
import type { Phase, Revert, Slot } from './slot.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { after, goBack, just, nothing, readAssignment, retryDelay } from './slotStep.ts';

// Reverting, stuck: on the way back. Nothing but its end stops it.

type Reverting = Slot & { readonly phase: Extract<Phase, { name: 'reverting' }> };
type Stuck = Slot & { readonly phase: Extract<Phase, { name: 'stuck' }> };
type InputOf<I extends SlotInput['kind']> = Extract<SlotInput, { kind: I }>;

/** So often it is tried at once before it counts as stuck (law 7). After that it is tried again and again, with pauses. */
export const REVERTS_AT_ONCE = 2;

/** Law 7: what a reload does not bring back, a restart may. So often at most; after that a service is only reloaded, again and again. */
export const RESTARTS = 3;

/** How the service is made to take up the old revision. */
export type RevertBy = 'reload' | 'restart';

export function revertBy({ attempt }: Revert): RevertBy {
  return attempt > 1 && attempt <= 1 + RESTARTS ? 'restart' : 'reload';
}

export function finishRevert(slot: Reverting, { verifiedBy }: InputOf<'reverted'>, at: Moment): Decision {
  return after(slot, [{ type: 'Reverted', verifiedBy }], (next) => landAndTidy(next, at));
}

export function tryRevertAgain(slot: Reverting, { says }: InputOf<'revertFailed'>, at: Moment): Decision {
  const { attempt } = slot.phase.revert;
  if (attempt < REVERTS_AT_ONCE) return attemptRevert(slot, attempt + 1, says, at);
  return just({
    type: 'RevertStuck',
    says,
    until: at.now + retryDelay(at.limits.retryMs, attempt - REVERTS_AT_ONCE + 1),
  });
}

export function revertTooSlow(slot: Reverting, _input: unknown, at: Moment): Decision {
  if (at.now < slot.phase.until) return nothing();
  const says = `going back took longer than ${formatDuration(at.limits.revertWithinMs)}`;
  return tryRevertAgain(slot, { kind: 'revertFailed', says }, at);
}

export function retryRevert(slot: Stuck, _input: unknown, at: Moment): Decision {
  if (at.now < slot.phase.until) return nothing();
  return attemptRevert(slot, slot.phase.revert.attempt + 1, slot.phase.says, at);
}

export function resumeRevert(slot: Reverting | Stuck, _input: unknown, at: Moment): Decision {
  return attemptRevert(slot, 1, 'the agent was started again on the way back', at);
}

/** It cannot get to where it was going; another proven revision that the server wants meanwhile will do as well. */
export function redirectStuck(slot: Stuck, input: InputOf<'assigned'>, at: Moment): Decision {
  const read = readAssignment(slot, input, at);
  if (read === null) return nothing();
  if (read.type !== 'AssignmentAccepted') return just(read);
  return after(slot, [read], (next) => {
    const other = otherWayBack(next, at.target);
    return other === null || other === slot.phase.revert.to ? nothing() : goBack(next, other, null, at);
  });
}

function attemptRevert(slot: Reverting | Stuck, attempt: number, says: string, at: Moment): Decision {
  return just(
    { type: 'RevertTried', attempt, says, until: at.now + at.limits.revertWithinMs },
    { do: 'revert', revert: { ...slot.phase.revert, attempt } },
  );
}
