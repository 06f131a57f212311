import type { Digest } from '../kernel/digest.ts';
import type { SlotName } from '../topology/service.ts';
import type { FailureCode } from './failureCode.ts';
import type { Failure, Slot } from './slot.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { goBack, nothing } from './slotStep.ts';

// Law 7, where a change has several slots on one target: they are one set. If one of them does not hold its part, none does. It is read
// off what every slot has written down, so it does not matter when the agent is killed in between.

/** A rollout that a slot of this target could not hold its part of, and why. */
export interface BrokenSet {
  readonly rollout: string;
  readonly slot: SlotName;
  readonly code: FailureCode;
  readonly says: string;
}

/** A slot that followed another broke nothing. One that a person took back alone is as the person wants it. */
export function brokenSets(slots: readonly Slot[]): readonly BrokenSet[] {
  return slots.flatMap(({ name, failure }) => {
    if (failure === null || failure.rollout === null || failure.slot !== undefined) return [];
    const { rollout, code, says } = failure;
    return code === 'taken-back' ? [] : [{ rollout, slot: name, code, says }];
  });
}

/** Whether the slot holds its part of the rollout, or is on its way to. */
export function isInSet(slot: Slot, rollout: string): boolean {
  const { phase } = slot;
  if ('revert' in phase) return false;
  return ('move' in phase && phase.move.rollout === rollout) || cameWith(slot, rollout);
}

export function leaveSetAtRest(
  slot: Slot,
  { broken }: Extract<SlotInput, { kind: 'setFailed' }>,
  at: Moment,
): Decision {
  const { trial } = slot;
  if (trial === null || !cameWith(slot, broken.rollout)) return nothing();
  return goBack(slot, trial.move.from, failureOfSet(broken, trial.move.to), at);
}

/** The code stays that of the slot that failed: those who judge by it must not take one failure for two kinds. */
export function failureOfSet({ rollout, slot, code, says }: BrokenSet, artifact: Digest): Failure {
  return { artifact, rollout, code, slot, says: `${slot} could not hold its part of the same change: ${says}` };
}

/** It need not be on trial any more: a set is a set for as long as it is in force. */
function cameWith({ trial, holds }: Slot, rollout: string): boolean {
  return trial !== null && trial.move.rollout === rollout && trial.move.to === holds;
}
