import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFrame, encodeFrame } from './frame.ts';

test('what was framed comes back, the empty message too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      assert.deepEqual(decodeFrame(encodeFrame(message)), { ok: true, value: message });
    }),
  );
});

const long = (last: number) => [...Array<number>(9).fill(0x80), last];

const headers: readonly [bytes: readonly number[], payload: number | null, why: string][] = [
  [[0], 0, 'one byte of zero, no message'],
  [[0x80, 0x00, 7], 1, 'zero in two bytes'],
  [[...long(0x00), 7, 8], 2, 'zero in ten bytes, the longest a varint may be'],
  [[], null, 'nothing at all'],
  [[0x80], null, 'ends in the middle of the header'],
  [[0x01], null, 'one'],
  [[0x80, 0x01], null, '128'],
  [long(0x01), null, 'the highest of the 64 bits'],
  [[...Array<number>(10).fill(0x80), 0x00], null, 'eleven bytes'],
  [[0x0a, 0x10], null, 'no header: a message as clients sent it before 2023'],
];

for (const [bytes, payload, why] of headers) {
  test(`header: ${why}: ${payload === null ? 'rejected' : 'accepted'}`, () => {
    const decoded = decodeFrame(Uint8Array.from(bytes));
    assert.equal(decoded.ok ? decoded.value.length : null, payload);
  });
}

test('any bytes at all give an answer', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => typeof decodeFrame(bytes).ok === 'boolean'));
});
