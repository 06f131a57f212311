import { wantedContent } from './aim.ts';
import { landAndTidy } from './restingSteps.ts';
import type { Content, Failure, Phase, Slot } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { after, goBack, just, nothing } from './slotStep.ts';

// A person at the target wants what was proven before, or one revision of all that was. Law 5: nobody is asked, least of all the server.

type Ordered = Extract<SlotInput, { kind: 'revertOrdered' }>;
type In<P extends Phase['name']> = Slot & { readonly phase: Extract<Phase, { readonly name: P }> };

/** Everything that can be gone back to here: its bytes are on the target, and it was proven (law 8). The oldest first. */
export function provenHere({ baseline, earned, confirmed, holds, proven, wayBack }: Slot): ReadonlySet<Content> {
  const all = [baseline?.content, ...earned, ...confirmed, wayBack, holds].filter((content) => content != null);
  return new Set(proven ? all : all.filter((content) => content !== holds));
}

export function takeBackAtRest(slot: Slot, ordered: Ordered, at: Moment): Decision {
  const to = ordered.to === null ? provenBefore(slot) : ordered.to;
  if (to === null || slot.holds === null || to === slot.holds || !provenHere(slot).has(to)) return nothing();
  return leave(slot, slot.holds, to, ordered, at);
}

/** Nothing was changed yet: it is only not gone on with, unless what is in force is to be left too. */
export function takeBackPreparing(slot: In<'preparing'>, ordered: Ordered, at: Moment): Decision {
  const { to } = slot.phase.move;
  if (ordered.to !== null && ordered.to !== slot.holds) return takeBackAtRest(slot, ordered, at);
  const taken: SlotEvent = { type: 'TakenBack', content: to, to: null };
  const failed: SlotEvent = { type: 'MoveFailed', failure: failureOf(slot, to, ordered.says) };
  return after(slot, [taken, failed], (next) =>
    next.proven || next.wayBack === null ? landAndTidy(next, at) : goBack(next, next.wayBack, null, at),
  );
}

export function takeBackMoving(
  slot: In<'applying' | 'verifying' | 'checking' | 'provisional' | 'watching'>,
  ordered: Ordered,
  at: Moment,
): Decision {
  const { to: content, from } = slot.phase.move;
  const to = ordered.to ?? from;
  return to !== content && provenHere(slot).has(to) ? leave(slot, content, to, ordered, at) : nothing();
}

/** It is on its way back already. What it leaves stays away. */
export function takeBackReverting(slot: In<'reverting' | 'stuck'>, ordered: Ordered, at: Moment): Decision {
  const { leaving, to } = slot.phase.revert;
  if (ordered.to !== null && ordered.to !== to)
    return provenHere(slot).has(ordered.to) ? leave(slot, leaving ?? to, ordered.to, ordered, at) : nothing();
  if (leaving === null || slot.takenBack.includes(leaving)) return nothing();
  return just({ type: 'TakenBack', content: leaving, to });
}

/** What was proven here before what is in force; `null`: there is nothing older, or a person went back already. */
function provenBefore({ holds, proven, wayBack, confirmed, baseline, takenBack }: Slot): Content | null {
  if (!proven) return wayBack;
  if (takenBack.length > 0 || baseline === null || holds === baseline.content) return null;
  return confirmed.filter((digest) => digest !== holds).at(-1) ?? baseline.content;
}

/**
 * A person who names where to go means to stay there: then nothing on the way, and nothing that the server wants now, is taken again either.
 * What had failed here stays away as well: one failure alone is remembered, and this one takes its place.
 */
function leave(slot: Slot, content: Content, to: Content, ordered: Ordered, at: Moment): Decision {
  const { phase, assignment, holds } = slot;
  const wanted = assignment && wantedContent(slot, assignment, at.target);
  const others = ordered.to === null ? [] : [holds, wanted, 'move' in phase ? phase.move.to : null];
  const failed = slot.failure === null || slot.failure.rollout === null ? null : slot.failure.artifact;
  const away = new Set([...others, failed, content].filter((each) => each !== null));
  away.delete(to);
  const taken = [...away].map((each): SlotEvent => ({ type: 'TakenBack', content: each, to }));
  const back = goBack(slot, to, content === 'absent' ? null : failureOf(slot, content, ordered.says), at);
  return { events: [...taken, ...back.events], effect: back.effect };
}

function failureOf({ assignment }: Slot, content: Content, says: string): Failure {
  const rollout = assignment?.candidate?.rollout ?? null;
  return { artifact: content as Failure['artifact'], rollout, code: 'taken-back', says };
}
