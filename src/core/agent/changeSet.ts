import type { Digest } from '../kernel/digest.ts';
import { isOpened } from '../rollout/assignment.ts';
import type { SlotName } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import { aimOf } from './aim.ts';
import type { FailureCode } from './failureCode.ts';
import type { Failure, Slot } from './slot.ts';
import type { Decision, Moment, SlotInput } from './slotInput.ts';
import { goBack, nothing } from './slotStep.ts';

// Law 7, where a change has several slots on one target: they are one set. None is applied before all are prepared, and if one of them
// does not hold its part, none does. It is read off what every slot has written down, so it does not matter when the agent is killed
// in between.

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

/** One slot of a target, as the others of its change see it. */
export interface SetMember {
  readonly slot: Slot;
  /** It is prepared and waits for the others. */
  readonly ready: boolean;
  /** Those with a lower one come into force first: a program before the file it is to read. */
  readonly order: number;
}

/**
 * Whom a slot that is prepared still has to wait for. Nobody of a set applies before everybody of it is prepared; then they come into
 * force by their order, each once those before it are in force and verified.
 */
export function waitsFor(
  name: SlotName,
  rollout: string,
  members: readonly SetMember[],
  target: Target,
): readonly SlotName[] {
  const order = members.find(({ slot }) => slot.name === name)?.order ?? 0;
  return members
    .filter(({ slot }) => slot.name !== name && isWantedIn(slot, rollout, target))
    .filter((other) => !isThrough(other.slot, rollout) && !(other.order >= order && hasBegun(other, rollout)))
    .map(({ slot }) => slot.name);
}

/** What this target does not take, because a person took it back alone or it failed, is not waited for: the latter breaks the set. */
function isWantedIn(slot: Slot, rollout: string, target: Target): boolean {
  const candidate = slot.assignment?.candidate;
  if (candidate?.rollout !== rollout || !isOpened(rollout, candidate.openings, target)) return false;
  return 'move' in slot.phase || aimOf(slot, target).go !== 'nowhere';
}

function isThrough({ phase, holds, assignment }: Slot, rollout: string): boolean {
  if (phase.name === 'provisional' || phase.name === 'watching') return phase.move.rollout === rollout;
  return phase.name === 'settled' && holds === assignment?.candidate?.artifact;
}

function hasBegun({ slot: { phase }, ready }: SetMember, rollout: string): boolean {
  if (!('move' in phase) || phase.move.rollout !== rollout) return false;
  return phase.name !== 'preparing' || ready;
}
