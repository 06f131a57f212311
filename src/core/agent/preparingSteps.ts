import { aimOf } from './aim.ts';
import { failureOfSet, isInSet, leaveSetAtRest } from './changeSet.ts';
import type { FailureCode } from './failureCode.ts';
import { landAndTidy, startAtRest } from './restingSteps.ts';
import type { Move, Phase, Slot } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';
import type { Decision, Moment, SlotEffect, SlotInput } from './slotInput.ts';
import { after, just, nothing, readAssignment, regainedContact, retryDelay } from './slotStep.ts';

// Preparing: the new bytes and the way back are brought onto the target. What is in force is not touched.

type Preparing = Slot & { readonly phase: Extract<Phase, { name: 'preparing' }> };
type InputOf<I extends SlotInput['kind']> = Extract<SlotInput, { kind: I }>;

/** So often what the server should have is asked for while it can be reached. */
export const PREPARE_ATTEMPTS = 5;

export function applyPrepared(slot: Preparing, { found, attributes }: InputOf<'prepared'>, at: Moment): Decision {
  // No confirmation could come. It would be applied for nothing and taken back.
  if (!slot.contact) {
    return just({ type: 'PrepareDelayed', says: 'ready; waits until the server can be reached', until: null });
  }
  const { move } = slot.phase;
  if (slot.baseline !== null && found !== move.from) {
    return failPreparing(slot, 'drifted', `it holds ${found}, not ${move.from} as it should; put that back first`, at);
  }
  const taken: SlotEvent[] =
    slot.baseline === null ? [{ type: 'BaselineTaken', baseline: { content: found, attributes } }] : [];
  if (found === move.to) return after(slot, [...taken, { type: 'MoveDropped' }], (next) => landAndTidy(next, at));
  return after(slot, taken, () =>
    just(
      { type: 'ApplyStarted', until: at.now + at.limits.applyWithinMs },
      { do: 'apply', move: { ...move, from: found } },
    ),
  );
}

/**
 * While it is cut off it waits; with the server there, what fails again and again will not pass. Outside a rollout it is the last
 * known good that this target lacks: that is tried for as long as it is wanted, for nobody would order it again.
 */
export function failPrepare(slot: Preparing, { code, says, passing }: InputOf<'prepareFailed'>, at: Moment): Decision {
  const { attempt, move } = slot.phase;
  const hopeless = !passing || (slot.contact && attempt >= PREPARE_ATTEMPTS);
  if (hopeless && move.rollout !== null) return failPreparing(slot, code, says, at);
  return just({ type: 'PrepareDelayed', says, until: at.now + retryDelay(at.limits.retryMs, attempt) });
}

/** What was to be done next could not be kept on disk: then it is not done. */
export function failMove(slot: Preparing, { code, says }: InputOf<'journalFailed'>, at: Moment): Decision {
  return failPreparing(slot, code, says, at);
}

function failPreparing(slot: Preparing, code: FailureCode, says: string, at: Moment): Decision {
  const { to, rollout } = slot.phase.move;
  const failed: SlotEvent = { type: 'MoveFailed', failure: { artifact: to, rollout, code, says } };
  return after(slot, [failed], (next) => landAndTidy(next, at));
}

export function retryPrepare(slot: Preparing, _input: unknown, at: Moment): Decision {
  const { until, move, attempt } = slot.phase;
  if (until === null || at.now < until) return nothing();
  return just({ type: 'PrepareRetried', attempt: attempt + 1 }, prepare(slot, move));
}

export function resumePrepare(slot: Preparing): Decision {
  if (slot.contact) return nothing();
  return after(slot, regainedContact(slot).events, (next) =>
    just({ type: 'PrepareRetried', attempt: 1 }, prepare(next, slot.phase.move)),
  );
}

export function wantedWhilePreparing(slot: Preparing, input: InputOf<'assigned'>, at: Moment): Decision {
  const read = readAssignment(slot, input, at);
  if (read === null) return nothing();
  if (read.type !== 'AssignmentAccepted') return just(read);
  return after(slot, [read], (next) => {
    const aim = aimOf(next, at.target);
    const { to, rollout } = slot.phase.move;
    const goesOn = aim.go === 'forward' || aim.go === 'later';
    if (goesOn && aim.move.to === to && aim.move.rollout === rollout) return nothing();
    return after(next, [{ type: 'MoveDropped' }], (dropped) => landAndTidy(dropped, at));
  });
}

export function dropMove(slot: Preparing, input: InputOf<'started'>, at: Moment): Decision {
  return after(slot, [{ type: 'MoveDropped' }], (next) => startAtRest(next, input, at));
}

/** The others of the set could not; nothing was changed here. */
export function leaveSetPreparing(slot: Preparing, input: InputOf<'setFailed'>, at: Moment): Decision {
  const { to, rollout } = slot.phase.move;
  if (rollout !== input.broken.rollout) return leaveSetAtRest(slot, input, at);
  const failed: SlotEvent = { type: 'MoveFailed', failure: failureOfSet(input.broken, to) };
  return after(slot, [failed], (next) =>
    isInSet(next, input.broken.rollout) ? leaveSetAtRest(next, input, at) : landAndTidy(next, at),
  );
}

export function stopPreparing(): Decision {
  return { events: [{ type: 'MoveDropped' }, { type: 'ContactChanged', contact: false }], effect: { do: 'tidy' } };
}

function prepare(slot: Slot, move: Move): SlotEffect {
  return { do: 'prepare', move, alsoKeep: slot.assignment?.lastKnownGood ?? null };
}
