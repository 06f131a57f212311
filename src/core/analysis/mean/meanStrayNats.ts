import { EFFECTS } from './meanEvidence.ts';

/**
 * One target's window as evidence that it is beyond a boundary, in nats: `beyond` is by how much, as a share of the usual level. Its mean is
 * at most 1 while the target is within, for tails no heavier than a normal distribution of that variance. The effect that is looked for
 * is one of those that the past was tried with. Tails are heavier now and then: one window is never enough by itself.
 */
export function meanStrayNats(beyond: number, variance: number): number {
  const worthFinding = 2 * Math.sqrt(variance);
  const effect = EFFECTS.findLast((each) => each <= worthFinding) ?? LEAST_EFFECT;
  return Math.min(MOST_NATS, (effect * beyond - (effect * effect) / 2) / variance);
}

const LEAST_EFFECT = 0.01;
/** With them it takes three windows among thirty targets. */
const MOST_NATS = 7;
