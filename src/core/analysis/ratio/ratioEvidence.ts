import { logSumExp } from '../logSumExp.ts';
import { type Boundary, type Setting, tiltOf } from './tilt.ts';

/** What one arm counted in one window. */
export interface ArmWindow {
  readonly events: number;
  /** Trials, or time, in which they could happen. */
  readonly exposure: number;
  /** The same, each target's part weighed by its own level: what the arm counts if all is as before, in units that both arms share. */
  readonly expected: number;
}

/** Both arms over the same time. */
export interface PairedWindow {
  readonly treated: ArmWindow;
  readonly untouched: ArmWindow;
}

/**
 * How many times what is allowed the treated rate may be, and is looked for: a mixture costs log(5) nats at the most, and between two
 * of them at most a tenth of the speed is lost. Smaller harm is found too, more slowly.
 */
export const ALTERNATIVES: readonly number[] = [1.15, 1.4, 2, 4, 12];
const BENEFITS = ALTERNATIVES.map((times) => 1 / times);

/** Ratios of the arms are rounded to steps of 1 %, always to the side that claims less. */
const RATIO_STEP = 0.01;

/** Windows with the same setting can be added up: the exponent is linear in what was counted. */
interface Sum {
  readonly setting: Setting;
  ratioBelow: number;
  ratioAbove: number;
  treatedEvents: number;
  untouchedEvents: number;
  treatedExposure: number;
  untouchedExposure: number;
}

/**
 * Evidence that the treated rate is, or is not, beyond a boundary, gathered window by window, that may be looked at after each of them
 * (tilt.ts has the reason). It may be begun anew while the old evidence goes on: harm that begins late would have to outweigh all
 * the harmless hours before. The k-th beginning has the weight {@link beginningWeight}; the sum of weights is 1, so that the mixture
 * is evidence of the same kind.
 */
export class RatioEvidence {
  readonly #beginnings: Map<string, Sum>[] = [new Map()];

  /** From here on late harm is looked for afresh as well. */
  begin(): void {
    if ((this.#beginnings.at(-1)?.size ?? 0) > 0) this.#beginnings.push(new Map());
  }

  /** The setting must be known before the window's events are. Windows in which an arm could count nothing say nothing. */
  add({ treated, untouched }: PairedWindow, { dispersion, share }: Omit<Setting, 'ratio'>): void {
    if (!(treated.expected > 0 && untouched.expected > 0)) return;
    const ratio = treated.expected / untouched.expected;
    const step = Math.round(Math.log(ratio) / RATIO_STEP);
    const rounded = share === null ? null : roundShare(share);
    const key = `${step} ${dispersion} ${rounded}`;
    const sums = this.#beginnings.at(-1);
    let sum = sums?.get(key);
    if (sum === undefined) {
      sum = {
        setting: { ratio, dispersion, share: rounded },
        ratioBelow: ratio,
        ratioAbove: ratio,
        treatedEvents: 0,
        untouchedEvents: 0,
        treatedExposure: 0,
        untouchedExposure: 0,
      };
      sums?.set(key, sum);
    }
    sum.ratioBelow = Math.min(sum.ratioBelow, ratio);
    sum.ratioAbove = Math.max(sum.ratioAbove, ratio);
    sum.treatedEvents += treated.events;
    sum.untouchedEvents += untouched.events;
    sum.treatedExposure += treated.exposure;
    sum.untouchedExposure += untouched.exposure;
  }

  /**
   * Log of the evidence, in nats, that treated is worse than the boundary allows. Ever reaching log(1/α) has probability at most α if it is
   * not. With `times`: what it would be had all since the last beginning gone on in the same way so many times as long.
   */
  ofHarm(boundary: Boundary, times = 1): number {
    return this.#mixture(ALTERNATIVES, boundary, 'ratioAbove', times);
  }

  /** The same of the opposite: that treated is within the boundary. */
  ofNoHarm(boundary: Boundary, times = 1): number {
    return this.#mixture(BENEFITS, boundary, 'ratioBelow', times);
  }

  #mixture(
    alternatives: readonly number[],
    boundary: Boundary,
    side: 'ratioBelow' | 'ratioAbove',
    times: number,
  ): number {
    const later = alternatives.map(() => 0);
    const exponents: number[] = [];
    // What an older beginning has gathered contains all that the newer ones have.
    const newest = this.#beginnings.length - 1;
    for (let beginning = newest; beginning >= 0; beginning--) {
      const long = beginning === newest ? times : 1;
      for (const sum of this.#beginnings[beginning]?.values() ?? []) {
        for (const [index, alternative] of alternatives.entries()) {
          const tilt = tiltOf(alternative, boundary, { ...sum.setting, ratio: sum[side] });
          later[index] =
            (later[index] ?? 0) +
            long *
              (tilt.treated * sum.treatedEvents -
                tilt.untouched * sum.untouchedEvents -
                tilt.treatedExposure * sum.treatedExposure -
                tilt.untouchedExposure * sum.untouchedExposure);
        }
      }
      const weight = Math.log(beginningWeight(beginning) / alternatives.length);
      for (const exponent of later) exponents.push(exponent + weight);
    }
    return logSumExp(exponents);
  }
}

/** Of the k-th beginning, counted from 0: most for the first, and 1 for all of them together, however many there will be. */
export function beginningWeight(index: number): number {
  return index === 0 ? 0.9 : 0.1 / (index * (index + 1));
}

/** Steps of a tenth: a tangent may be drawn anywhere, and few places are enough. */
function roundShare(share: number): number {
  return share <= 0 ? 0 : Math.exp(Math.round(Math.log(share) * 10) / 10);
}
