import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SlotStanding } from '../../core/rollout/tally.ts';
import { HeldBook } from './heldBook.ts';

const A = `sha256:${'a'.repeat(64)}` as const;
const B = `sha256:${'b'.repeat(64)}` as const;
const says = (current: typeof A | typeof B | null, phase: SlotStanding['phase'] = 'settled') =>
  new Map([
    [
      'config/shop',
      { generation: 1, phase, current, baseline: null, failed: null, failureCode: '', failure: '' } as SlotStanding,
    ],
  ]);

it('figures are of what was held from their beginning to now, or of nothing', () => {
  const book = new HeldBook();
  const held = (then: number) => book.heldSince('one', 'config/shop', then);
  assert.equal(held(0), undefined, 'nothing was heard yet');
  book.heard('one', says(A), 1000);
  assert.equal(held(999), undefined, 'nobody knows what it held before it was heard of');
  assert.equal(held(1000), A);
  book.heard('one', says(A), 2000);
  assert.equal(held(1000), A, 'saying it again is no change');
  book.heard('one', says(A, 'applying'), 3000);
  assert.equal(held(3000), undefined, 'it is between two');
  book.heard('one', says(B, 'provisional'), 4000);
  assert.equal(held(3500), undefined);
  assert.equal(held(4000), B);
  book.heard('one', says(null), 5000);
  assert.equal(held(5000), null);
  assert.equal(book.heldSince('one', 'config/other', 5000), undefined);
  book.forget('one');
  assert.equal(held(5000), undefined);
});
