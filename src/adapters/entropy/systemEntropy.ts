import { randomBytes } from 'node:crypto';
import type { Entropy } from '../../engine/ports/entropy.ts';

/** The machine's own chance. */
export const systemEntropy: Entropy = { bytes: (count) => randomBytes(count) };
