import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../kernel/digest.ts';
import type { Leave } from '../policy/permit.ts';
import type { Assignment } from '../rollout/assignment.ts';
import { aimOf } from './aim.ts';
import { decideSlot } from './decideSlot.ts';
import { type Move, newSlot, type Slot } from './slot.ts';
import type { Moment } from './slotInput.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [OLD, NEW, NEXT] = [digest('0'), digest('1'), digest('2')];
const GRANTED: Leave = { granted: true };
const MOVE: Move = { to: NEW, from: OLD, rollout: 'shop-1', generation: 7 };
const AT: Moment = {
  now: 1_000,
  limits: {
    applyWithinMs: 1_000,
    verifyWithinMs: 1_000,
    checkWithinMs: 1_000,
    revertWithinMs: 1_000,
    watchForMs: 1_000,
    provisionalAtMostMs: 1_000,
    retryMs: { first: 1, most: 1 },
    retryGoodMs: { first: 1, most: 1 },
    trial: { quietMs: 1_000, strikes: 3 },
  },
  target: { uid: 'f'.repeat(32), name: 'shop-1', service: 'shop', role: 'web', labels: { ring: 'canary' } },
};

/** The rollout was ordered back, and NEW cannot be undone. */
const STOPPED: Assignment = {
  service: 'shop',
  role: 'web',
  slot: 'config/shop',
  generation: 8,
  lastKnownGood: null,
  candidate: null,
  kept: [NEW],
};

const slot = (more: Partial<Slot>): Slot => ({
  ...newSlot('config/shop'),
  assignment: { ...STOPPED, generation: 7 },
  confirmWithinMs: 10_000,
  leaves: { candidate: GRANTED, lastKnownGood: GRANTED },
  baseline: { content: OLD, attributes: {} },
  holds: OLD,
  wayBack: OLD,
  current: OLD,
  ...more,
});

const hears = (held: Slot, assignment = STOPPED) =>
  decideSlot(
    held,
    {
      kind: 'assigned',
      assignment,
      confirmWithinMs: 10_000,
      leaves: { candidate: GRANTED, lastKnownGood: GRANTED },
    },
    AT,
  ).events.map(({ type }) => type);

describe('law 6: what cannot be undone, on the target', () => {
  it('is kept by who holds it, proven or not', () => {
    for (const proven of [true, false]) {
      const held = slot({ holds: NEW, current: NEW, proven, confirmed: [NEW] });
      assert.deepEqual(aimOf({ ...held, assignment: STOPPED }, AT.target), { go: 'stay' });
      assert.deepEqual(hears(held), ['AssignmentAccepted']);
    }
  });

  it('is not taken by who does not', () => {
    assert.deepEqual(aimOf(slot({ assignment: STOPPED }), AT.target), { go: 'stay' });
  });

  it('what is on its way into force goes on to its confirmation; what was only fetched is left', () => {
    for (const name of ['applying', 'verifying', 'checking', 'provisional'] as const)
      assert.deepEqual(hears(slot({ phase: { name, move: MOVE, until: 2_000 } })), ['AssignmentAccepted'], name);
    const preparing = slot({ phase: { name: 'preparing', move: MOVE, attempt: 1, until: null } });
    assert.ok(hears(preparing).length > 1, hears(preparing).join());
  });

  it('goes forward from it to what is opened next', () => {
    const openings = [{ stage: 'canary', targets: { ring: ['canary'] }, below: 1 }];
    const candidate = { rollout: 'shop-2', change: NEXT, artifact: NEXT, openings };
    const aim = aimOf(slot({ holds: NEW, current: NEW, assignment: { ...STOPPED, candidate } }), AT.target);
    assert.equal(aim.go === 'forward' && aim.move.to, NEXT);
  });
});
