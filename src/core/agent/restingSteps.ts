import type { DurationMs } from '../kernel/instant.ts';
import { aimOf } from './aim.ts';
import type { Move, Phase, Slot } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { after, goBack, just, nothing, readAssignment, retryDelay } from './slotStep.ts';
import { trialAtStart } from './trial.ts';

// Settled, failed, watching: nothing is under way.

type Failed = Slot & { readonly phase: Extract<Phase, { name: 'failed' }> };
type InputOf<I extends SlotInput['kind']> = Extract<SlotInput, { kind: I }>;
type Watching = Slot & { readonly phase: Extract<Phase, { name: 'watching' }> };

/** Goes wherever a slot at rest is to go next, and stays at rest if nowhere. */
export function land(slot: Slot, at: Moment): Decision {
  const aim = aimOf(slot, at.target);
  switch (aim.go) {
    case 'stay':
    case 'refused':
      return slot.phase.name === 'failed' ? just({ type: 'Rested', phase: 'settled' }) : nothing();
    case 'nowhere':
      return slot.phase.name === 'failed' && slot.phase.until === null ? nothing() : restFailed(null);
    case 'later':
      if (slot.phase.name === 'failed' && slot.phase.until !== null) return nothing();
      return restFailed(at.now + retryDelay(at.limits.retryGoodMs, aim.times));
    case 'back':
      return goBack(slot, aim.to, null, at);
    case 'forward':
      return startMove(slot, aim.move);
  }
}

function restFailed(until: DurationMs | null): Decision {
  return just({ type: 'Rested', phase: 'failed', until });
}

function startMove(slot: Slot, move: Move): Decision {
  const alsoKeep = slot.assignment?.lastKnownGood ?? null;
  return just({ type: 'MoveStarted', move }, { do: 'prepare', move, alsoKeep });
}

/** The pause before a last known good is tried again is over. */
export function tryGoodAgain(slot: Failed, _input: unknown, at: Moment): Decision {
  if (slot.phase.until === null || at.now < slot.phase.until) return nothing();
  const aim = aimOf(slot, at.target);
  return aim.go === 'later' ? startMove(slot, aim.move) : land(slot, at);
}

/** The same, at the end of something: what is not needed any more is thrown away when it stays at rest. */
export function landAndTidy(slot: Slot, at: Moment): Decision {
  const { events, effect } = land(slot, at);
  return { events, effect: effect ?? { do: 'tidy' } };
}

export function assignedAtRest(slot: Slot, input: InputOf<'assigned'>, at: Moment): Decision {
  const read = readAssignment(slot, input, at);
  // A repeated document is acted on again: before a restart it may have been known without having been acted on.
  if (read === null) return land(slot, at);
  if (read.type !== 'AssignmentAccepted') return just(read);
  return after(slot, [read], (next) => landAndTidy(next, at));
}

/** Finds what is in force as it was left. A start that nobody ordered speaks against what stands trial (law 9). */
export function startAtRest(slot: Slot, { after: before }: InputOf<'started'>, at: Moment): Decision {
  const forgotten: SlotEvent[] = before === 'stop' && slot.tried !== null ? [{ type: 'TriesForgotten' }] : [];
  return after(slot, forgotten, (next) => {
    const tried = trialAtStart(next, before, at) ?? nothing();
    return tried.effect === null ? { events: tried.events, effect: { do: 'inspect' } } : tried;
  });
}

/** What was read back. Where it is not what we put there, the report says so; nothing is overwritten for it. */
export function found(slot: Slot, { content, verifiedBy }: InputOf<'inspected'>, at: Moment): Decision {
  // A look at the file does not take back what the service itself has shown of the same bytes, or what it took to show it.
  if (content === slot.current && (content === null || slot.verifiedBy !== '')) return nothing();
  return after(slot, [{ type: 'Found', content, verifiedBy }], (next) =>
    next.holds === slot.holds ? nothing() : land(next, at),
  );
}

/** What is in force was in force, and fine, before: going back has nothing to do with it. */
export function notOurs(): Decision {
  return nothing();
}

export function resumeWatch(slot: Watching, input: InputOf<'started'>, at: Moment): Decision {
  const watch = { type: 'WatchStarted', until: at.now + at.limits.watchForMs } as const;
  return after(slot, [watch], (next) => startAtRest(next, input, at));
}

export function endWatch(slot: Watching, _input: unknown, at: Moment): Decision {
  if (at.now < slot.phase.until) return nothing();
  return after(slot, [{ type: 'WatchEnded' }], (next) => landAndTidy(next, at));
}

export function failWatched(slot: Watching, { says }: InputOf<'checkFailed'>, at: Moment): Decision {
  const { to, from, rollout } = slot.phase.move;
  return goBack(slot, from, { artifact: to, rollout, code: 'check-failed', says }, at);
}
