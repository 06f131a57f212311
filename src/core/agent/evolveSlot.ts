import { assert } from '../kernel/assert.ts';
import { type Failure, KEPT_CONFIRMED, KEPT_EARNED, type Move, type Revert, type Slot } from './slot.ts';
import type { SlotEvent } from './slotEvent.ts';

type Handlers = { readonly [T in SlotEvent['type']]: (slot: Slot, event: Extract<SlotEvent, { type: T }>) => Slot };

/** The slot after an event. Total: an event that cannot happen in a phase is a bug and asserts. */
export function evolveSlot(slot: Slot, event: SlotEvent): Slot {
  const handler = HANDLERS[event.type] as (slot: Slot, event: SlotEvent) => Slot;
  return handler(slot, event);
}

const HANDLERS: Handlers = {
  AssignmentAccepted: (slot, { assignment, confirmWithinMs, leaves }) =>
    prove({ ...slot, assignment, confirmWithinMs, leaves, refused: null }),
  AssignmentRefused: (slot, { says }) => ({ ...slot, refused: says }),
  AssignmentIgnored: (slot) => slot,
  ContactChanged: (slot, { contact }) => ({ ...slot, contact }),
  Found: (slot, { content, verifiedBy }) => {
    const found = { ...slot, current: content, verifiedBy };
    // Until we are about to change it, the slot is its owner's: whatever is there is what it holds.
    const ours = slot.baseline !== null;
    return ours || content === null ? found : { ...found, holds: content, wayBack: content, proven: true };
  },

  MoveStarted: (slot, { move }) => ({ ...slot, phase: { name: 'preparing', move, attempt: 1, until: null } }),
  PrepareDelayed: (slot, { until }) => {
    assert(slot.phase.name === 'preparing', 'only preparing is put off');
    return { ...slot, phase: { ...slot.phase, until } };
  },
  PrepareRetried: (slot, { attempt }) => {
    assert(slot.phase.name === 'preparing', 'only preparing is tried again');
    return { ...slot, phase: { ...slot.phase, attempt, until: null } };
  },
  MoveDropped: (slot) => ({ ...slot, phase: { name: 'settled' } }),
  MoveFailed: (slot, { failure }) => ({
    ...slot,
    ...failing(slot, failure),
    phase: { name: 'failed', until: null },
  }),
  BaselineTaken: (slot, { baseline }) => {
    assert(slot.baseline === null, 'a baseline is taken once');
    const { content } = baseline;
    const move = { ...moveOf(slot), from: content };
    const phase = { name: 'preparing', move, attempt: 1, until: null } as const;
    return { ...slot, baseline, holds: content, wayBack: content, proven: true, phase };
  },
  ApplyStarted: (slot, { until }) => ({ ...slot, trial: null, phase: { name: 'applying', move: moveOf(slot), until } }),
  Applied: (slot, { until }) => ({
    ...slot,
    current: null,
    verifiedBy: '',
    phase: { name: 'verifying', move: moveOf(slot), until },
  }),
  Verified: (slot, { verifiedBy, until }) => {
    const move = moveOf(slot);
    return { ...slot, current: move.to, verifiedBy, phase: { name: 'checking', move, until } };
  },
  BecameProvisional: (slot, { until }) => ({ ...slot, phase: { name: 'provisional', move: moveOf(slot), until } }),
  Confirmed: (slot) => {
    const { to, from } = moveOf(slot);
    const confirmed = [...slot.confirmed.filter((digest) => digest !== to), to].slice(-KEPT_CONFIRMED);
    return prove({ ...slot, holds: to, proven: false, wayBack: from, confirmed, takenBack: [], failure: null });
  },
  WatchStarted: (slot, { until }) => ({ ...slot, phase: { name: 'watching', move: moveOf(slot), until } }),
  WatchEnded: (slot) => ({ ...slot, phase: { name: 'settled' } }),
  TrialRuns: (slot, { strikes, until }) => ({
    ...slot,
    trial: { move: slot.trial?.move ?? moveOf(slot), strikes, until },
  }),
  TrialEnded: (slot) => {
    const { trial, tried } = slot;
    assert(trial !== null, 'what has stood was on trial');
    return { ...slot, trial: { ...trial, until: null }, tried: tried?.artifact === trial.move.to ? null : tried };
  },

  RevertStarted: (slot, { revert, failure, until }) => ({
    ...slot,
    current: null,
    verifiedBy: '',
    trial: null,
    ...(failure === null ? {} : failing(slot, failure)),
    phase: { name: 'reverting', revert, until },
  }),
  RevertTried: (slot, { attempt, until }) => ({
    ...slot,
    phase: { name: 'reverting', revert: { ...revertOf(slot), attempt }, until },
  }),
  RevertStuck: (slot, { says, until }) => ({ ...slot, phase: { name: 'stuck', revert: revertOf(slot), says, until } }),
  TakenBack: (slot, { content, to }) => ({
    ...slot,
    takenBack: [...slot.takenBack.filter((each) => each !== content && each !== to), content],
  }),
  TriesForgotten: (slot) => ({ ...slot, tried: null }),
  Reverted: (slot, { verifiedBy }) => {
    const { to, leaving } = revertOf(slot);
    return {
      ...slot,
      holds: to,
      proven: true,
      wayBack: to,
      confirmed: slot.confirmed.filter((digest) => digest !== leaving),
      current: to,
      verifiedBy,
      phase: { name: 'settled' },
    };
  },
  Rested: (slot, event) => ({
    ...slot,
    phase: event.phase === 'settled' ? { name: 'settled' } : { name: 'failed', until: event.until },
  }),
};

/** What the whole fleet was found good on is proven here too, if it is shown that it was. */
function prove(slot: Slot): Slot {
  const good = slot.assignment?.lastKnownGood ?? null;
  if (good === null || slot.holds !== good || slot.leaves?.lastKnownGood.granted !== true) return slot;
  // What was there before we came is the baseline once we do, and its owner's until then.
  if (slot.baseline === null) return { ...slot, proven: true, wayBack: good };
  const earned = [...slot.earned.filter((digest) => digest !== good), good].slice(-KEPT_EARNED);
  return { ...slot, proven: true, wayBack: good, earned };
}

/** Counts how often in a row the same has failed. */
function failing({ tried }: Slot, failure: Failure): Pick<Slot, 'failure' | 'tried'> {
  const { artifact } = failure;
  return { failure, tried: { artifact, times: tried?.artifact === artifact ? tried.times + 1 : 1 } };
}

function moveOf({ phase }: Slot): Move {
  assert('move' in phase, `there is a move in every phase that goes forward, not in ${phase.name}`);
  return phase.move;
}

function revertOf({ phase }: Slot): Revert {
  assert('revert' in phase, `there is a revert in every phase that goes back, not in ${phase.name}`);
  return phase.revert;
}
