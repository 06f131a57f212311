import { type Boundary, tiltOf } from './tilt.ts';

/** What was counted, and what it was expected to be, in units that both sides share. */
interface Measured {
  readonly events: number;
  readonly expected: number;
}

/**
 * One target's window as evidence that it is beyond all of these boundaries, in nats: tuned to `alternative` times what they allow; below 1
 * it is evidence of too little. Its mean is at most 1 while the target is within one of them (tilt.ts).
 */
export function strayNats(
  own: Measured & { readonly exposure: number },
  others: Measured,
  boundaries: readonly Boundary[],
  alternative: number,
  dispersion: number,
): number {
  if (!(own.expected > 0 && others.expected > 0)) return 0;
  const setting = { ratio: own.expected / others.expected, dispersion, share: null };
  let least = Number.POSITIVE_INFINITY;
  for (const boundary of boundaries) {
    const tilt = tiltOf(alternative, boundary, setting);
    const nats = tilt.treated * own.events - tilt.untouched * others.events - tilt.treatedExposure * own.exposure;
    least = Math.min(least, nats);
  }
  return least;
}
