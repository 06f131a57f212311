import { aimOf } from './aim.ts';
import type { Phase, Slot } from './slot.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { after, goBack, just, nothing, readAssignment, retryDelay } from './slotStep.ts';

// Settled, failed, watching: nothing is under way.

type Failed = Slot & { readonly phase: Extract<Phase, { name: 'failed' }> };
type Watching = Slot & { readonly phase: Extract<Phase, { name: 'watching' }> };

/** Goes wherever a slot at rest is to go next, and stays at rest if nowhere. */
export function land(slot: Slot, at: Moment): Decision {
  const aim = aimOf(slot, at.target);
  switch (aim.go) {
    case 'stay':
    case 'refused':
      return slot.phase.name === 'failed' ? just({ type: 'Rested', phase: 'settled' }) : nothing();
    case 'nowhere':
      return stayFailed(slot, at);
    case 'back':
      return goBack(slot, aim.to, null, at);
    case 'forward':
      return just(
        { type: 'MoveStarted', move: aim.move },
        { do: 'prepare', move: aim.move, alsoKeep: slot.assignment?.lastKnownGood ?? null },
      );
  }
}

/**
 * What failed here is not tried again (law 18), but for a last known good outside any rollout: nobody would order that anew, and
 * what kept this target from it may pass. It is tried after a pause that doubles each time.
 */
function stayFailed(slot: Slot, at: Moment): Decision {
  const { phase, failure } = slot;
  const isGood = isGoodThatFailed(slot);
  if (phase.name === 'failed' && (phase.until !== null) === isGood) return nothing();
  const until = isGood ? at.now + retryDelay(at.limits.retryGoodMs, failure?.times ?? 1) : null;
  return just({ type: 'Rested', phase: 'failed', until });
}

function isGoodThatFailed({ assignment, failure, takenBack }: Slot): boolean {
  if (assignment === null || assignment.candidate !== null || failure === null) return false;
  const good = assignment.lastKnownGood;
  return failure.rollout === null && failure.artifact === good && takenBack !== good;
}

/** The pause is over. */
export function tryGoodAgain(slot: Failed, _input: unknown, at: Moment): Decision {
  if (slot.phase.until === null || at.now < slot.phase.until) return nothing();
  return land({ ...slot, failure: null }, at);
}

/** The same, at the end of something: what is not needed any more is thrown away when it stays at rest. */
export function landAndTidy(slot: Slot, at: Moment): Decision {
  const { events, effect } = land(slot, at);
  return { events, effect: effect ?? { do: 'tidy' } };
}

export function assignedAtRest(slot: Slot, input: Extract<SlotInput, { kind: 'assigned' }>, at: Moment): Decision {
  const read = readAssignment(slot, input, at);
  // A repeated document is acted on again: before a restart it may have been known without having been acted on.
  if (read === null) return land(slot, at);
  if (read.type !== 'AssignmentAccepted') return just(read);
  return after(slot, [read], (next) => landAndTidy(next, at));
}

export function inspect(): Decision {
  return { events: [], effect: { do: 'inspect' } };
}

/** What was read back. Where it is not what we put there, the report says so; nothing is overwritten for it. */
export function found(slot: Slot, input: Extract<SlotInput, { kind: 'inspected' }>, at: Moment): Decision {
  const { content, verifiedBy } = input;
  if (content === slot.current && verifiedBy === slot.verifiedBy) return nothing();
  return after(slot, [{ type: 'Found', content, verifiedBy }], (next) =>
    next.holds === slot.holds ? nothing() : land(next, at),
  );
}

/** What is in force was in force, and fine, before: going back has nothing to do with it. */
export function notOurs(): Decision {
  return nothing();
}

export function resumeWatch(_slot: Slot, _input: unknown, at: Moment): Decision {
  return just({ type: 'WatchStarted', until: at.now + at.limits.watchForMs }, { do: 'inspect' });
}

export function endWatch(slot: Watching, _input: unknown, at: Moment): Decision {
  if (at.now < slot.phase.until) return nothing();
  return after(slot, [{ type: 'WatchEnded' }], (next) => landAndTidy(next, at));
}

export function failWatched(
  slot: Watching,
  { says }: Extract<SlotInput, { kind: 'checkFailed' }>,
  at: Moment,
): Decision {
  const { to, from, rollout } = slot.phase.move;
  return goBack(slot, from, { artifact: to, rollout, code: 'check-failed', says }, at);
}
