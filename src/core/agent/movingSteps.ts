import { formatDuration } from '../kernel/instant.ts';
import { wantedContent } from './aim.ts';
import { failureOfSet } from './changeSet.ts';
import type { FailureCode } from './failureCode.ts';
import { land, landAndTidy } from './restingSteps.ts';
import type { Move, Phase, Slot } from './slot.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { after, goBack, just, nothing, readAssignment } from './slotStep.ts';
import { NO_STRIKES, runTrial } from './trial.ts';

// Applying, verifying, checking, provisional: the new revision is, or may be, in force and is not confirmed.

type Forward = 'applying' | 'verifying' | 'checking' | 'provisional';
type Moving = Slot & { readonly phase: Extract<Phase, { name: Forward }> };
type Watching = Slot & { readonly phase: Extract<Phase, { name: 'watching' }> };
type InputOf<I extends SlotInput['kind']> = Extract<SlotInput, { kind: I }>;

export function applyFailed(slot: Moving, { code, says, touched }: InputOf<'applyFailed'>, at: Moment): Decision {
  if (touched) return fail(slot, code, says, at);
  const { to, rollout } = slot.phase.move;
  return after(slot, [{ type: 'MoveFailed', failure: { artifact: to, rollout, code, says } }], (next) =>
    landAndTidy(next, at),
  );
}

export function verifyAfterApply(slot: Moving, _input: unknown, at: Moment): Decision {
  return just({ type: 'Applied', until: at.now + at.limits.verifyWithinMs }, { do: 'verify', move: slot.phase.move });
}

export function failVerify(slot: Moving, { says }: InputOf<'verifyFailed'>, at: Moment): Decision {
  return fail(slot, 'verify-failed', says, at);
}

export function checkAfterVerify(_slot: Moving, { verifiedBy }: InputOf<'verified'>, at: Moment): Decision {
  return just({ type: 'Verified', verifiedBy, until: at.now + at.limits.checkWithinMs }, { do: 'check' });
}

export function becomeProvisional(slot: Moving, _input: unknown, at: Moment): Decision {
  const until = at.now + provisionalFor(slot, at);
  return after(slot, [{ type: 'BecameProvisional', until }], (next) => runTrial(next, NO_STRIKES, at));
}

export function failProvisional(slot: Moving, { says }: InputOf<'checkFailed'>, at: Moment): Decision {
  return fail(slot, 'check-failed', says, at);
}

/** Law 9. A confirmation counts for the move it answers: the same bytes, and not from before the move was asked for. */
export function confirmProvisional(slot: Moving, { artifact, generation }: InputOf<'confirmed'>, at: Moment): Decision {
  const { move } = slot.phase;
  if (artifact !== move.to || generation < move.generation) return nothing();
  const watch = { type: 'WatchStarted', until: at.now + at.limits.watchForMs } as const;
  const { strikes } = slot.trial ?? { strikes: NO_STRIKES };
  return after(slot, [{ type: 'Confirmed' }, watch], (next) => {
    const { events } = runTrial(next, strikes, at);
    return after(next, events, (tried) => land(tried, at));
  });
}

export function notConfirmed(slot: Moving, _input: unknown, at: Moment): Decision {
  if (at.now < slot.phase.until) return nothing();
  const how = slot.contact ? 'the server did not confirm it' : 'the server could not be reached to confirm it';
  return fail(slot, 'not-confirmed', `${how} within ${formatDuration(provisionalFor(slot, at))}`, at);
}

export function applyTooSlow(slot: Moving, _input: unknown, at: Moment): Decision {
  return tooSlow(
    slot,
    'apply-failed',
    `putting it in force took longer than ${formatDuration(at.limits.applyWithinMs)}`,
    at,
  );
}

export function verifyTooSlow(slot: Moving, _input: unknown, at: Moment): Decision {
  return tooSlow(
    slot,
    'verify-failed',
    `reading back took longer than ${formatDuration(at.limits.verifyWithinMs)}`,
    at,
  );
}

export function checksTooSlow(slot: Moving, _input: unknown, at: Moment): Decision {
  return tooSlow(
    slot,
    'check-failed',
    `the local checks did not all pass within ${formatDuration(at.limits.checkWithinMs)}`,
    at,
  );
}

/** The others of the set go back; so does this one, however well it stands. */
export function leaveSetMoving(slot: Moving | Watching, { broken }: InputOf<'setFailed'>, at: Moment): Decision {
  const { to, from, rollout } = slot.phase.move;
  return rollout === broken.rollout ? goBack(slot, from, failureOfSet(broken, to), at) : nothing();
}

/** Whether it is started again or told to end: nobody would be there to take it back in time. */
export function interruptMove(slot: Moving, input: InputOf<'started' | 'stopping'>, at: Moment): Decision {
  const when = {
    applying: 'being applied',
    verifying: 'being verified',
    checking: 'being checked',
    provisional: 'waiting for its confirmation',
  };
  const how =
    input.kind === 'started'
      ? 'was found unconfirmed when the agent started'
      : 'was not confirmed when the agent was told to end';
  return fail(slot, 'interrupted', `${how}: it was ${when[slot.phase.name]}`, at);
}

export function wantedDuringMove(slot: Moving, input: InputOf<'assigned'>, at: Moment): Decision {
  const read = readAssignment(slot, input, at);
  if (read === null) return nothing();
  if (read.type !== 'AssignmentAccepted') return just(read);
  const { to, from }: Move = slot.phase.move;
  return after(slot, [read], (next) =>
    wantedContent(next, read.assignment, at.target, to) === to ? nothing() : goBack(next, from, null, at),
  );
}

function tooSlow(slot: Moving, code: FailureCode, says: string, at: Moment): Decision {
  return at.now < slot.phase.until ? nothing() : fail(slot, code, says, at);
}

function fail(slot: Moving, code: FailureCode, says: string, at: Moment): Decision {
  const { to, from, rollout } = slot.phase.move;
  return goBack(slot, from, { artifact: to, rollout, code, says }, at);
}

function provisionalFor(slot: Slot, { limits }: Moment): number {
  return Math.min(slot.confirmWithinMs, limits.provisionalAtMostMs);
}
