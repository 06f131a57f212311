import { canonicalJson } from '../kernel/canonicalJson.ts';
import type { DurationMs } from '../kernel/instant.ts';
import { evolveSlot } from './evolveSlot.ts';
import type { Content, Failure, Slot } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';
import type { Decision, Moment, SlotEffect, SlotInput, SlotLimits } from './slotInput.ts';

// What the steps of every phase are made of.

const NOTHING: Decision = { events: [], effect: null };

/** The input changes nothing. */
export function nothing(): Decision {
  return NOTHING;
}

/** These events, and then what follows from the slot they lead to. */
export function after(slot: Slot, events: readonly SlotEvent[], next: (slot: Slot) => Decision): Decision {
  const rest = next(events.reduce(evolveSlot, slot));
  return { events: [...events, ...rest.events], effect: rest.effect };
}

export function just(event: SlotEvent, effect: SlotEffect | null = null): Decision {
  return { events: [event], effect };
}

/** `failure: null` when it is not our own doing but an order. */
export function goBack(slot: Slot, to: Content, failure: Failure | null, at: Moment): Decision {
  const { phase } = slot;
  const untouched = phase.name === 'preparing' || !('move' in phase);
  const leaving = 'revert' in phase ? phase.revert.leaving : untouched ? slot.holds : phase.move.to;
  const revert = { to, leaving, attempt: 1 };
  return just(
    { type: 'RevertStarted', revert, failure, until: at.now + at.limits.revertWithinMs },
    { do: 'revert', revert },
  );
}

/** The pause before the next try, after so many that failed. */
export function retryDelay({ first, most }: SlotLimits['retryMs'], attempt: number): DurationMs {
  return Math.min(most, first * 2 ** Math.min(attempt - 1, 30));
}

export function lostContact(slot: Slot): Decision {
  return slot.contact ? just({ type: 'ContactChanged', contact: false }) : NOTHING;
}

export function regainedContact(slot: Slot): Decision {
  return slot.contact ? NOTHING : just({ type: 'ContactChanged', contact: true });
}

/**
 * Law 23, before anything is asked of permits (`policy/judgePermit.ts`): a document for another service, role or slot, or one that says something else
 * under a generation already seen, is refused. An older one is late and ignored. `null`: it is the one we have.
 */
export function readAssignment(
  slot: Slot,
  { assignment, confirmWithinMs, leaves }: Extract<SlotInput, { kind: 'assigned' }>,
  { target }: Moment,
): Extract<SlotEvent, { type: 'AssignmentAccepted' | 'AssignmentRefused' | 'AssignmentIgnored' }> | null {
  const { service, role, generation } = assignment;
  if (service !== target.service || role !== target.role || assignment.slot !== slot.name) {
    const meant = `${service}/${role}/${assignment.slot}`;
    return refuse(`the assignment is for ${meant}, this is ${target.service}/${target.role}/${slot.name}`);
  }
  const known = slot.assignment;
  if (known !== null && generation < known.generation) {
    return {
      type: 'AssignmentIgnored',
      says: `generation ${generation} is older than ${known.generation}, which is known`,
    };
  }
  if (known !== null && generation === known.generation && canonicalJson(assignment) !== canonicalJson(known)) {
    return refuse(`generation ${generation} came twice and says something else the second time`);
  }
  const same = known?.generation === generation && slot.confirmWithinMs === confirmWithinMs && slot.refused === null;
  if (same && canonicalJson(slot.leaves) === canonicalJson(leaves)) return null;
  return { type: 'AssignmentAccepted', assignment, confirmWithinMs, leaves };
}

function refuse(says: string): Extract<SlotEvent, { type: 'AssignmentRefused' }> {
  return { type: 'AssignmentRefused', says };
}

/** Takes note of the document and goes on with what is under way. */
export function noteAssignment(slot: Slot, input: Extract<SlotInput, { kind: 'assigned' }>, at: Moment): Decision {
  const read = readAssignment(slot, input, at);
  return read === null ? NOTHING : just(read);
}
