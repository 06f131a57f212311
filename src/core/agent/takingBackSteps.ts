import { landAndTidy } from './restingSteps.ts';
import type { Content, Failure, Phase, Slot } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { after, goBack, just, nothing } from './slotStep.ts';

// A person at the target wants what was proven before. Law 5: nobody is asked, least of all the server.

type Ordered = Extract<SlotInput, { kind: 'revertOrdered' }>;
type In<P extends Phase['name']> = Slot & { readonly phase: Extract<Phase, { readonly name: P }> };

export function takeBackAtRest(slot: Slot, { says }: Ordered, at: Moment): Decision {
  const to = provenBefore(slot);
  if (to === null || slot.holds === null) return nothing();
  return leave(slot, slot.holds, to, says, at);
}

/** Nothing was changed yet: it is only not gone on with, unless what is in force was never proven either. */
export function takeBackPreparing(slot: In<'preparing'>, { says }: Ordered, at: Moment): Decision {
  const { to } = slot.phase.move;
  const taken: SlotEvent = { type: 'TakenBack', content: to };
  const failed: SlotEvent = { type: 'MoveFailed', failure: failureOf(slot, to, says) };
  return after(slot, [taken, failed], (next) =>
    next.proven || next.wayBack === null ? landAndTidy(next, at) : goBack(next, next.wayBack, null, at),
  );
}

export function takeBackMoving(
  slot: In<'applying' | 'verifying' | 'checking' | 'provisional' | 'watching'>,
  { says }: Ordered,
  at: Moment,
): Decision {
  const { to, from } = slot.phase.move;
  return leave(slot, to, from, says, at);
}

/** It is on its way back already. What it leaves stays away. */
export function takeBackReverting(slot: In<'reverting' | 'stuck'>): Decision {
  const { leaving } = slot.phase.revert;
  return leaving === null || leaving === slot.takenBack ? nothing() : just({ type: 'TakenBack', content: leaving });
}

/** What was proven here before what is in force; `null`: there is nothing older, or a person went back already. */
function provenBefore({ holds, proven, wayBack, confirmed, baseline, takenBack }: Slot): Content | null {
  if (!proven) return wayBack;
  if (takenBack !== null || baseline === null || holds === baseline.content) return null;
  return confirmed.filter((digest) => digest !== holds).at(-1) ?? baseline.content;
}

function leave(slot: Slot, content: Content, to: Content, says: string, at: Moment): Decision {
  const back = goBack(slot, to, content === 'absent' ? null : failureOf(slot, content, says), at);
  return { events: [{ type: 'TakenBack', content }, ...back.events], effect: back.effect };
}

function failureOf({ assignment }: Slot, content: Content, says: string): Failure {
  const rollout = assignment?.candidate?.rollout ?? null;
  return { artifact: content as Failure['artifact'], rollout, code: 'taken-back', says };
}
