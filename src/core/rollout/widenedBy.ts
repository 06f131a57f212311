import { isSameBasis, type TallyBasis } from './contribution.ts';

/** Targets whose place is in [from, to): of one stage, or of all of them where that is `null`. */
export interface Stretch {
  readonly stage: number | null;
  readonly from: number;
  readonly to: number;
}

/**
 * The only targets that may add something else by `b` than by `a`, where nothing but one step lies between the two: a wave was
 * widened, or the way back. `null`: anyone may.
 */
export function widenedBy(a: TallyBasis, b: TallyBasis): Stretch | null {
  return wavesWidenedBy(a, b) ?? releaseWidenedBy(a, b);
}

function wavesWidenedBy(a: TallyBasis, b: TallyBasis): Stretch | null {
  const [before, after] = [a.openings.at(-1), b.openings.at(-1)];
  if (before === undefined || after === undefined || a.openings.length !== b.openings.length) return null;
  const others = a.openings.slice(0, -1).every((opening, index) => opening === b.openings[index]);
  // Who has returned was told, and is known to be, whether the absence still says otherwise or not.
  const sameAway = [...a.absent].every(([uid, since]) => (b.absent.get(uid) ?? since) === since);
  if (a.steps === null || b.steps === null || before.below >= after.below || !others || !sameAway) return null;
  if (!isSameBasis({ ...a, openings: b.openings, steps: b.steps, absent: b.absent }, b)) return null;
  // The newest step may have been taken together with the one before it.
  return { stage: b.stage, from: Math.min(before.below, b.steps.at(-2)?.below ?? 0), to: after.below };
}

function releaseWidenedBy(a: TallyBasis, b: TallyBasis): Stretch | null {
  if (a.release === null || b.release === null || a.release.below >= b.release.below) return null;
  if (!isSameBasis({ ...a, release: b.release }, b)) return null;
  return { stage: null, from: a.release.below, to: b.release.below };
}
