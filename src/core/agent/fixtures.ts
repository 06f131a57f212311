import type { Digest } from '../kernel/digest.ts';
import type { Leave, Leaves } from '../policy/permit.ts';
import type { Assignment } from '../rollout/assignment.ts';
import { decideSlot } from './decideSlot.ts';
import { evolveSlot } from './evolveSlot.ts';
import { type Move, newSlot, type PhaseName, type Slot } from './slot.ts';
import type { Decision, InputKind, Moment, SlotInput, SlotLimits } from './slotInput.ts';
import { NO_STRIKES, type Trial } from './trial.ts';

// What tests of the agent share: one slot in every phase, and every input that can come to it.

export const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
export const [OLD, NEW, OTHER] = [digest('0'), digest('1'), digest('2')];

export const LIMITS: SlotLimits = {
  applyWithinMs: 1_000,
  verifyWithinMs: 2_000,
  checkWithinMs: 3_000,
  revertWithinMs: 4_000,
  watchForMs: 5_000,
  provisionalAtMostMs: 60_000,
  retryMs: { first: 100, most: 1_000 },
  retryGoodMs: { first: 10_000, most: 40_000 },
  trial: { quietMs: 600_000, strikes: 3 },
};
export const NOW = 1_000_000;
export const AT: Moment = {
  now: NOW,
  limits: LIMITS,
  target: { uid: 'f'.repeat(32), name: 'shop-1', service: 'shop', role: 'web', labels: { ring: 'canary' } },
};
export const MOVE: Move = { to: NEW, from: OLD, rollout: 'shop-1', generation: 7 };
export const LATER = NOW + 500;

const GRANTED: Leave = { granted: true };
const ALL_LEAVE: Leaves = { candidate: GRANTED, lastKnownGood: GRANTED };

export function assigned(
  generation: number,
  change: Partial<Assignment> & {
    readonly artifact?: Digest | null;
    readonly ring?: string;
    readonly rollout?: string;
  } = {},
) {
  const { artifact = NEW, ring = 'canary', rollout = 'shop-1', ...rest } = change;
  const candidate =
    artifact === null
      ? null
      : { rollout, change: OTHER, artifact, openings: [{ stage: 'one', targets: { ring: [ring] }, below: 1 }] };
  const assignment: Assignment = {
    service: 'shop',
    role: 'web',
    slot: 'config/shop',
    generation,
    lastKnownGood: null,
    candidate,
    ...rest,
  };
  return { kind: 'assigned', assignment, confirmWithinMs: 10_000, leaves: ALL_LEAVE } as const;
}

/** Holds OLD, its baseline, as a slot does before anything happens. */
export const CALM: Slot = {
  ...newSlot('config/shop'),
  assignment: assigned(7, { artifact: null }).assignment,
  confirmWithinMs: 10_000,
  leaves: ALL_LEAVE,
  baseline: { content: OLD, attributes: {} },
  holds: OLD,
  wayBack: OLD,
  current: OLD,
  verifiedBy: 'file',
  contact: true,
};
export const CALLED: Slot = { ...CALM, assignment: assigned(7).assignment };
/** Holds NEW, confirmed but not proven. */
export const CONFIRMED: Slot = { ...CALLED, holds: NEW, proven: false, wayBack: OLD, confirmed: [NEW], current: NEW };
export const TRIAL: Trial = { move: MOVE, strikes: NO_STRIKES, until: NOW + 600_000 };
export const FAILURE = { artifact: NEW, rollout: 'shop-1', code: 'check-failed', says: 'it was sick' } as const;
const REVERT = { to: OLD, leaving: NEW, attempt: 1 } as const;

export const IN: { readonly [P in PhaseName]: Slot } = {
  settled: CALM,
  preparing: { ...CALLED, phase: { name: 'preparing', move: MOVE, attempt: 1, until: null } },
  applying: { ...CALLED, phase: { name: 'applying', move: MOVE, until: LATER } },
  verifying: { ...CALLED, phase: { name: 'verifying', move: MOVE, until: LATER } },
  checking: { ...CALLED, phase: { name: 'checking', move: MOVE, until: LATER } },
  provisional: { ...CALLED, trial: TRIAL, phase: { name: 'provisional', move: MOVE, until: LATER } },
  watching: { ...CONFIRMED, trial: TRIAL, phase: { name: 'watching', move: MOVE, until: LATER } },
  reverting: { ...CALLED, failure: FAILURE, phase: { name: 'reverting', revert: REVERT, until: LATER } },
  stuck: { ...CALLED, failure: FAILURE, phase: { name: 'stuck', revert: REVERT, says: 'no effect', until: LATER } },
  failed: { ...CALLED, failure: FAILURE, phase: { name: 'failed', until: null } },
};

export const INPUTS: { readonly [I in InputKind]: Extract<SlotInput, { kind: I }> } = {
  started: { kind: 'started', after: 'stop' },
  stopping: { kind: 'stopping' },
  assigned: assigned(8, { artifact: OTHER, rollout: 'shop-2' }),
  confirmed: { kind: 'confirmed', generation: 7, artifact: NEW },
  revertOrdered: { kind: 'revertOrdered', to: null, says: 'a person' },
  contactLost: { kind: 'contactLost' },
  contactRegained: { kind: 'contactRegained' },
  inspected: { kind: 'inspected', content: OTHER, verifiedBy: 'file' },
  prepared: { kind: 'prepared', found: OLD, attributes: {} },
  prepareFailed: { kind: 'prepareFailed', code: 'sick-before', says: 'sick', passing: false },
  applied: { kind: 'applied' },
  applyFailed: { kind: 'applyFailed', code: 'apply-failed', says: 'no', touched: true },
  verified: { kind: 'verified', verifiedBy: 'http' },
  verifyFailed: { kind: 'verifyFailed', says: 'no' },
  checksPassed: { kind: 'checksPassed' },
  checkFailed: { kind: 'checkFailed', says: 'sick' },
  struck: { kind: 'struck', by: 'restarted', says: 'another process' },
  setFailed: {
    kind: 'setFailed',
    broken: { rollout: 'shop-1', slot: 'config/till', code: 'verify-failed', says: 'not shown' },
  },
  reverted: { kind: 'reverted', verifiedBy: 'http' },
  revertFailed: { kind: 'revertFailed', says: 'no' },
  journalFailed: { kind: 'journalFailed', code: 'disk-full', says: 'full' },
  tick: { kind: 'tick' },
};

export function step(
  slot: Slot,
  input: SlotInput,
  at: Moment = AT,
): { readonly slot: Slot; readonly decision: Decision } {
  const decision = decideSlot(slot, input, at);
  return { slot: decision.events.reduce(evolveSlot, slot), decision };
}

export function outcome(slot: Slot, input: SlotInput, at: Moment = AT): string {
  const { slot: next, decision } = step(slot, input, at);
  if (decision.events.length === 0 && decision.effect === null) return '.';
  const phase = next.phase.name === slot.phase.name ? '=' : next.phase.name;
  return decision.effect === null ? phase : `${phase}:${decision.effect.do}`;
}

export function after(slot: Slot, ...inputs: readonly SlotInput[]): Slot {
  return inputs.reduce((next, input) => step(next, input).slot, slot);
}
