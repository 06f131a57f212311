import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newSlot, type Slot } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { slotReport } from './slotReport.ts';

const [OLD, NEW]: readonly [Digest, Digest] = [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`];
const TARGET = { uid: 'f'.repeat(32), name: 'shop-1', service: 'shop', role: 'web', labels: { ring: 'canary' } };
const MOVE = { to: NEW, from: OLD, rollout: 'shop-1', generation: 7 } as const;
const BASE: Slot = {
  ...newSlot('config/shop'),
  baseline: { content: OLD, attributes: {} },
  holds: OLD,
  wayBack: OLD,
  current: OLD,
  verifiedBy: 'file',
};
const FAILURE = { artifact: NEW, rollout: 'shop-1', code: 'check-failed', says: 'it was sick' } as const;

describe('what the server is told of a slot', () => {
  // biome-ignore format: a table
  const CASES: readonly (readonly [why: string, slot: Slot, phase: string, current: Digest | null, code: string])[] = [
    ['at rest', BASE, 'settled', OLD, ''],
    ['watched after its confirmation', { ...BASE, holds: NEW, current: NEW, phase: { name: 'watching', move: MOVE, until: 0 } }, 'settled', NEW, ''],
    ['its local checks are asked', { ...BASE, current: NEW, phase: { name: 'checking', move: MOVE, until: 0 } }, 'verifying', NEW, ''],
    ['at rest after a failure the server has heard of', { ...BASE, failure: FAILURE }, 'settled', OLD, 'check-failed'],
    ['failed, and back', { ...BASE, failure: FAILURE, phase: { name: 'failed', until: null } }, 'failed', OLD, 'check-failed'],
    ['law 7: not shown to be back: what was left is what counts', { ...BASE, current: null, failure: FAILURE, phase: { name: 'stuck', revert: { to: OLD, leaving: NEW, attempt: 2 }, says: 'no effect', until: 0 } }, 'failed', NEW, 'revert-failed'],
    ['changed by somebody else', { ...BASE, current: NEW }, 'failed', NEW, 'drifted'],
    ['changed by its owner, before we ever changed it', { ...BASE, baseline: null, holds: NEW, current: NEW }, 'settled', NEW, ''],
    ['unreadable', { ...BASE, current: null, verifiedBy: '' }, 'settled', null, ''],
    ['refused an assignment', { ...BASE, refused: 'for another role' }, 'failed', OLD, 'refused'],
    ['refused one while it goes forward', { ...BASE, refused: 'for another role', phase: { name: 'applying', move: MOVE, until: 0 } }, 'applying', OLD, ''],
    ['no file', { ...BASE, baseline: { content: 'absent', attributes: {} }, holds: 'absent', current: 'absent' }, 'settled', null, ''],
  ];
  for (const [why, slot, phase, current, code] of CASES) {
    it(why, () => {
      const report = slotReport(slot, TARGET);
      assert.deepEqual([report.phase, report.current, report.failureCode], [phase, current, code]);
    });
  }

  it('law 23: a permit that was refused is told with its reason; what it holds stays what counts', () => {
    const candidate = {
      rollout: 'shop-1',
      change: NEW,
      artifact: NEW,
      openings: [{ stage: 'one', targets: {}, below: 1 }],
    };
    const assignment = {
      service: 'shop',
      role: 'web',
      slot: 'config/shop',
      generation: 9,
      lastKnownGood: null,
      candidate,
    };
    const refused = { granted: false, code: 'never-first', says: 'not here' } as const;
    const slot: Slot = { ...BASE, assignment, leaves: { candidate: refused, lastKnownGood: refused } };
    const { phase, current, generation, refusal } = slotReport(slot, TARGET);
    assert.deepEqual([phase, current, generation], ['settled', OLD, 9]);
    assert.deepEqual(refusal, { code: 'never-first', says: 'not here' });
  });

  it('no file and unknown differ by how it was read', () => {
    assert.equal(slotReport({ ...BASE, current: 'absent' }, TARGET).verifiedBy, 'file');
    assert.equal(slotReport({ ...BASE, current: null, verifiedBy: '' }, TARGET).verifiedBy, '');
  });
});
