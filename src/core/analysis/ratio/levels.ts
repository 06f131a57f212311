/** What a target, or a group of them, has counted, and what it would have counted if it were like all the others. */
export interface Counted {
  readonly events: number;
  /** Its exposure times the rate of all together, window by window. */
  readonly expected: number;
}

/**
 * How each differs from all the others, as a factor about 1: what it has counted over what was expected, drawn towards 1 the more the
 * less it has counted. How strongly is read from how much they really differ: where they do not, all are 1. With levels
 * gamma-distributed and counts Poisson this is the posterior mean (empirical Bayes; the spread by the method of moments).
 */
export function levelsOf(counted: readonly Counted[]): readonly number[] {
  const strength = 1 / spreadOf(counted);
  return counted.map(({ events, expected }) => (events + strength) / (expected + strength));
}

/** Variance of the true levels: the variance of what is seen, without what counting alone makes of it. Never quite 0. */
export function spreadOf(counted: readonly Counted[]): number {
  let sum = 0;
  let known = 0;
  for (const { events, expected } of counted) {
    if (!(expected > 0)) continue;
    sum += ((events - expected) ** 2 - expected) / expected ** 2;
    known++;
  }
  return Math.max(LEAST_SPREAD, known === 0 ? 0 : sum / known);
}

/** Levels that differ by less than 1 % are the same. */
const LEAST_SPREAD = 1e-4;
