/** An instance uid is 16 bytes on the wire and 32 lower-case hexadecimal digits everywhere else. */
export function formatUid(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** `null` when it is not 16 bytes, or all zeros: an identifier nobody chose. */
export function readUid(bytes: Uint8Array): string | null {
  return bytes.length === 16 && bytes.some((byte) => byte !== 0) ? formatUid(bytes) : null;
}

export function uidBytes(uid: string): Uint8Array {
  return Uint8Array.fromHex(uid);
}

/** A UUID version 7: 48 bits of the time in milliseconds, then 74 of the sixteen random bytes it is given. */
export function newUid(now: number, random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(now / 0x1_0000));
  view.setUint16(4, now % 0x1_0000);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return formatUid(bytes);
}
