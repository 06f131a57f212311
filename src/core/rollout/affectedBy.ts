import { place } from '../kernel/place.ts';
import type { Target } from '../topology/target.ts';
import { isOpenedAt } from './assignment.ts';
import { isSameBasis, type TallyBasis } from './contribution.ts';

/** Which targets may add something else to a tally, now that it is counted by another basis. All the others add the same. */
export type Affected =
  | { readonly who: 'everyone' }
  /** Those whose contribution is `waiting`. */
  | { readonly who: 'waiting' }
  | { readonly who: 'opened'; readonly isOpened: (target: Target) => boolean };

/**
 * What a target adds that no wave has reached hangs on neither waves, steps nor orders to go back; what one adds that is at rest,
 * not on when it was ordered to move. So a bake that begins concerns hardly anybody, and a rollback those who were given the change.
 */
export function affectedBy(a: TallyBasis, b: TallyBasis): Affected {
  if (isSameBasis({ ...a, steps: b.steps }, b)) return { who: 'waiting' };
  const { orderedAt, stage, steps, goingBack, release, openings, absent } = b;
  const otherwise = { ...a, orderedAt, stage, steps, goingBack, release, openings, absent };
  if (!isSameBasis(otherwise, b)) return { who: 'everyone' };
  const isOpened = ({ uid, labels }: Target) => {
    const where = place(b.rollout, uid);
    return isOpenedAt(where, a.openings, labels) || isOpenedAt(where, b.openings, labels);
  };
  return { who: 'opened', isOpened };
}
