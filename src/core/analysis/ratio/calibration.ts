import { logSumExp } from '../logSumExp.ts';
import type { Dispersion } from './dispersion.ts';
import { ALTERNATIVES } from './ratioEvidence.ts';
import { tiltOf } from './tilt.ts';

/**
 * What the judge would have said of the fleet's own past, in which nothing was changed (A/A): each block of it is taken for the evidence of a
 * treated group. Evidence may come to `times` in one of so many blocks at the most; where it did so more often, its noise is read too low.
 */
export interface Calibration {
  readonly blocks: number;
  /** Of one block, in windows. */
  readonly length: number;
  /** Of the evidence of all blocks; at most 1, but for chance, where the noise is read rightly. */
  readonly average: number;
  readonly reached: readonly { readonly times: number; readonly found: number; readonly allowed: number }[];
}

export function calibrationOf(
  { events, expected }: { readonly events: Float64Array; readonly expected: Float64Array },
  { factor, length }: Dispersion,
): Calibration {
  const tilts = ALTERNATIVES.map((alternative) => {
    const tilt = tiltOf(alternative, { tolerance: 1, margin: 0 }, { ratio: KNOWN, dispersion: factor, share: null });
    return { treated: tilt.treated, cost: tilt.untouched / KNOWN };
  });
  const nats = Array.from(events, (counted, index) => {
    const usual = expected[index] ?? 0;
    return logSumExp(tilts.map(({ treated, cost }) => treated * counted - cost * usual)) - Math.log(tilts.length);
  });
  return tallied(nats, length);
}

/** Of the evidence of each block, in nats. */
export function tallied(nats: readonly number[], length: number): Calibration {
  const average = nats.length === 0 ? 0 : Math.exp(logSumExp(nats)) / nats.length;
  const reached = [10, 100, 1000, 10_000].map((times) => ({
    times,
    found: nats.filter((each) => each >= Math.log(times)).length,
    allowed: nats.length / times,
  }));
  return { blocks: nats.length, length, average, reached };
}

/** As if the others were so many that their rate is known. */
const KNOWN = 1e-6;
