import { createHash } from 'node:crypto';
import type { Digest } from '../../core/kernel/digest.ts';

/** The name under which bytes are kept. */
export function artifactDigest(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
