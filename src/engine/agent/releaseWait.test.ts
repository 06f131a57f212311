import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ManualClock } from '../../../test/support/manualClock.ts';
import { newSlot, type Slot } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { place } from '../../core/kernel/place.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';
import { ReleaseWait } from './releaseWait.ts';

const CANDIDATE: Digest = `sha256:${'a'.repeat(64)}`;
const UID = '0'.repeat(31).concat('1');
const HERE = place('shop-1', UID);
const WELL = { uid: UID, well: true };
const CONFIRMED: Slot = { ...newSlot('config/shop'), holds: CANDIDATE, current: CANDIDATE };

function order(generation: number, below: number): Assignment {
  const release = { rollout: 'shop-1', artifact: CANDIDATE, below, afterMs: 60_000 };
  const scope = { service: 'shop', role: 'web', slot: 'config/shop' };
  return { ...scope, generation, lastKnownGood: null, candidate: null, release };
}

describe('law 11: an order to go back that a target may wait with', () => {
  let clock: ManualClock;
  let waits: ReleaseWait;
  let delivered: number[];
  const take = (given: Assignment, slot = CONFIRMED, target = WELL) =>
    waits.take(given, slot, target, () => delivered.push(given.generation));

  beforeEach(() => {
    clock = new ManualClock();
    waits = new ReleaseWait(clock);
    delivered = [];
  });

  const atOnce: readonly (readonly [string, Assignment, Slot, typeof WELL])[] = [
    ['the border has come to it', order(9, HERE + 0.001), CONFIRMED, WELL],
    ['a check of its own fails', order(9, 0), CONFIRMED, { ...WELL, well: false }],
    ['it holds something else', order(9, 0), { ...CONFIRMED, holds: 'absent', current: 'absent' }, WELL],
    ['somebody has changed it by hand', order(9, 0), { ...CONFIRMED, current: 'absent' }, WELL],
    [
      'what it holds is not confirmed',
      order(9, 0),
      {
        ...CONFIRMED,
        phase: { name: 'provisional', until: 0, move: { to: CANDIDATE, from: 'absent', rollout: null, generation: 1 } },
      },
      WELL,
    ],
    ['nobody may wait', { ...order(9, 0), release: undefined } as unknown as Assignment, CONFIRMED, WELL],
  ];
  for (const [why, given, slot, target] of atOnce) {
    it(`is followed at once where ${why}`, () => {
      take(given, slot, target);
      assert.deepEqual(delivered, [9]);
    });
  }

  it('waits for a newer one that comes to its place, and is then forgotten', async () => {
    take(order(9, 0));
    take(order(10, HERE / 2));
    assert.deepEqual(delivered, []);
    take(order(11, 1));
    await clock.advance(1_000_000);
    assert.deepEqual(delivered, [11]);
  });

  it('law 5: is followed without a server when nothing newer was heard for as long as it says', async () => {
    take(order(9, 0));
    const waitMs = Math.round(60_000 * (1 + HERE));
    await clock.advance(waitMs - 1);
    // The same order over a new connection does not begin the time anew; a newer one does.
    take(order(9, 0));
    assert.deepEqual(delivered, []);
    take(order(10, 0));
    await clock.advance(waitMs - 1);
    assert.deepEqual(delivered, []);
    await clock.advance(1);
    assert.deepEqual(delivered, [10]);
  });

  it('is followed as soon as the target is unwell, once', async () => {
    take(order(9, 0));
    waits.hurry();
    waits.hurry();
    await clock.advance(1_000_000);
    assert.deepEqual(delivered, [9]);
  });

  it('is not followed by an agent that has ended', async () => {
    take(order(9, 0));
    waits.stop();
    await clock.advance(1_000_000);
    assert.deepEqual(delivered, []);
  });
});
