import { sameData } from '../kernel/canonicalJson.ts';
import type { Opening } from './assignment.ts';
import type { Rollout } from './rollout.ts';

/**
 * Law 23, turned on ourselves: each opening was signed for when it was recorded. A record that says another thing now has lost or
 * changed its rings: nothing more is signed on its word, and who was reached is who the signatures say. `null`: it does not.
 */
export function signedOtherwise({ permitted, openings }: Rollout): readonly Opening[] | null {
  return permitted === null || sameData(permitted, openings) ? null : permitted;
}
