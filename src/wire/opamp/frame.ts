import { err, ok, type Result } from '../../core/kernel/result.ts';

/**
 * One OpAMP message on a WebSocket: a header (unsigned 64-bit varint, 0 in this version of the protocol), then the protobuf
 * bytes, of which there may be none.
 */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(message.length + 1);
  frame.set(message, 1);
  return frame;
}

/** The protobuf bytes of a frame (a view, no copy), or what is wrong with its header. */
export function decodeFrame(frame: Uint8Array): Result<Uint8Array, string> {
  let isZero = true;
  for (let index = 0; index < 10; index++) {
    const byte = frame[index];
    if (byte === undefined) return err(`the header ends after ${index} bytes; expected a varint of 1 to 10 bytes`);
    if ((byte & 0x7f) !== 0) isZero = false;
    if ((byte & 0x80) !== 0) continue;
    return isZero
      ? ok(frame.subarray(index + 1))
      : err('the header is not 0, the only value this version of OpAMP knows');
  }
  return err('the header is a varint of more than 10 bytes');
}
