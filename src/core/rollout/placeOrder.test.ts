import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { place } from '../kernel/place.ts';
import { PlaceOrder } from './placeOrder.ts';

describe('targets in the order of their places', () => {
  it('are the same whether they were there at first or came later, and those that went are gone', () => {
    const uids = fc.uniqueArray(fc.string(), { maxLength: 40 });
    fc.assert(
      fc.property(uids, uids, uids, fc.double({ min: 0, max: 1, noNaN: true }), (first, later, gone, from) => {
        const order = new PlaceOrder('shop-1', first);
        for (const uid of later) order.add(uid);
        for (const uid of gone) order.delete(uid);
        const left = [...new Set([...first, ...later])].filter((uid) => !gone.includes(uid));
        const expected = left
          .map((uid) => ({ uid, place: place('shop-1', uid) }))
          .filter((placed) => placed.place >= from && placed.place < 0.9)
          .sort((a, b) => a.place - b.place || (a.uid < b.uid ? -1 : 1));
        assert.deepEqual([...order.between(from, 0.9)], expected);
      }),
    );
  });
});
