import type { Clock } from '../../engine/ports/clock.ts';
import type { Entropy } from '../../engine/ports/entropy.ts';

/** A new UUIDv7 as 32 lower-case hexadecimal digits: when it was made, then chance. */
export function newInstanceUid(clock: Clock, entropy: Entropy): string {
  const bytes = Buffer.from(entropy.bytes(16));
  bytes.writeUIntBE(Math.max(0, Math.trunc(clock.now())) % 2 ** 48, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString('hex');
}
