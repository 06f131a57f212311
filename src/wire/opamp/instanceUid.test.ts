import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatUid, newUid, readUid, uidBytes } from './instanceUid.ts';

test('a new uid is a UUID version 7 of its moment', () => {
  const uid = newUid(0x0192_3456_789a, new Uint8Array(16).fill(0xff));
  assert.equal(uid, '01923456789a7fffbfffffffffffffff');
});

test('uids survive the way to bytes and back; only 16 bytes that are not all zero are one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const uid = readUid(bytes);
      if (bytes.length !== 16 || bytes.every((byte) => byte === 0)) assert.equal(uid, null);
      else assert.deepEqual(uidBytes(formatUid(bytes)), bytes);
    }),
  );
});
