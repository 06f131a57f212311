import { logSumExp } from '../logSumExp.ts';
import { beginningWeight } from '../ratio/ratioEvidence.ts';

/** How far beyond the boundary the effect may be, as a share of the untouched level, and is looked for. */
export const EFFECTS: readonly number[] = [0.01, 0.03, 0.1, 0.3, 1, 3];

interface Sum {
  /** Σ 1/σ² over windows. */
  precision: number;
  /** Σ z/σ²: z is how much higher treated is than untouched, as a share of the untouched level. */
  weighed: number;
  /** Σ 1/(level·σ²): what one unit of an absolute margin is worth. */
  absolute: number;
}

/** What is accepted: a share of the untouched level, or an amount in the metric's own unit. */
export interface MeanBoundary {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * Evidence about a mean, window by window: for a fixed effect δ, exp(δ·Σ(z − boundary)/σ² − δ²·Σ 1/(2σ²)) is a test
 * supermartingale where z has a mean of at most the boundary and tails no heavier than a normal distribution with variance σ². A mixture over
 * effects needs no guess of the right one. σ² is read from the fleet's own past (meanNoise.ts), long moods and heavy tails included.
 * (Howard, Ramdas, McAuliffe, Sekhon: Time-uniform, nonparametric, nonasymptotic confidence sequences, 2021.)
 */
export class MeanEvidence {
  readonly #beginnings: Sum[] = [{ precision: 0, weighed: 0, absolute: 0 }];

  /** Late harm is looked for afresh as well, as in RatioEvidence. */
  begin(): void {
    if ((this.#beginnings.at(-1)?.precision ?? 0) > 0) this.#beginnings.push({ precision: 0, weighed: 0, absolute: 0 });
  }

  /** `level` is the untouched level in the metric's own unit, above 0; `variance` that of `z`. */
  add(z: number, variance: number, level: number): void {
    const sum = this.#beginnings.at(-1);
    if (sum === undefined || !(variance > 0) || !(level > 0)) return;
    sum.precision += 1 / variance;
    sum.weighed += z / variance;
    sum.absolute += 1 / (level * variance);
  }

  /** Nats for "higher than the boundary", or what they would be had all since the last beginning gone on so many `times` as long. */
  ofMore(boundary: MeanBoundary, times = 1): number {
    return this.#mixture(boundary, 1, times);
  }

  /** Nats for "lower than the boundary". */
  ofLess(boundary: MeanBoundary, times = 1): number {
    return this.#mixture(boundary, -1, times);
  }

  get estimate(): number | null {
    const precision = this.#beginnings.reduce((sum, one) => sum + one.precision, 0);
    return precision === 0 ? null : this.#beginnings.reduce((sum, one) => sum + one.weighed, 0) / precision;
  }

  #mixture({ relative, absolute }: MeanBoundary, sign: 1 | -1, times: number): number {
    const exponents: number[] = [];
    let precision = 0;
    let excess = 0;
    const newest = this.#beginnings.length - 1;
    for (let beginning = newest; beginning >= 0; beginning--) {
      const sum = this.#beginnings[beginning];
      if (sum === undefined) continue;
      const long = beginning === newest ? times : 1;
      precision += long * sum.precision;
      excess += long * sign * (sum.weighed - relative * sum.precision - absolute * sum.absolute);
      const weight = Math.log(beginningWeight(beginning) / EFFECTS.length);
      for (const effect of EFFECTS) exponents.push(effect * excess - (effect * effect * precision) / 2 + weight);
    }
    return logSumExp(exponents);
  }
}
