import { leastRejected } from '../leastRejected.ts';
import { allowedAt, type Margin, type Worse } from '../margin.ts';
import { logSumExp } from '../ratio/ratioEvidence.ts';
import { type MeanBoundary, MeanEvidence } from './meanEvidence.ts';
import { type MeanNoise, MeanPast, type TargetMean } from './meanPast.ts';

export interface MeanSpec {
  readonly margin: Margin;
  readonly worse: Worse;
}

const LONGEST_PAST = 2880;
/** Of a difference worth telling, as a share of the untouched level: where the search for a bound begins. */
const SCALE = 0.01;
/** Where nothing is known of the noise, one target's window may be off by half. */
const UNKNOWN_VARIANCE = 0.25;

/**
 * Compares the mean of a positive metric (latency, memory, queue length) of treated and untouched targets of one role, each against its
 * own level. Where no untouched target is left the fleet's last level stands in, and the hour is no longer told apart from the change.
 */
export class MeanJudge {
  readonly #spec: MeanSpec;
  readonly #past = new MeanPast(LONGEST_PAST);
  readonly #evidence = new MeanEvidence();
  #noise: MeanNoise = { variance: UNKNOWN_VARIANCE, blocks: 0 };
  #began = false;
  #lastLevel = 0;
  #windows = 0;
  #treated = 0;
  #compared: 'at-the-same-time' | 'before' = 'at-the-same-time';

  constructor(spec: MeanSpec) {
    this.#spec = spec;
  }

  begin(horizon: number): void {
    this.#evidence.begin();
    const noise = this.#past.noise(horizon);
    this.#noise = noise.blocks === 0 ? { variance: UNKNOWN_VARIANCE, blocks: 0 } : noise;
    this.#began = true;
  }

  observe(treated: readonly TargetMean[], untouched: readonly TargetMean[]): void {
    const level = this.#levelOf(untouched);
    if (this.#began && treated.length > 0 && level > 0) {
      let higher = 0;
      for (const { target, value } of treated) higher += value / (level * this.#past.levelOf(target)) - 1;
      const { variance } = this.#noise;
      // Without an untouched arm the level of the past is as uncertain as that of one target.
      const others = Math.max(1, untouched.length);
      this.#evidence.add(higher / treated.length, variance / treated.length + variance / others, level);
      this.#windows++;
      this.#treated = treated.length;
      this.#compared = untouched.length === 0 ? 'before' : this.#compared;
    }
    if (untouched.length > 0) this.#past.add(untouched, level);
  }

  /** The level of the fleet in this window: the untouched targets' values with their own levels taken out. */
  #levelOf(untouched: readonly TargetMean[]): number {
    if (untouched.length === 0) return this.#lastLevel;
    let sum = 0;
    for (const { target, value } of untouched) sum += value / this.#past.levelOf(target);
    this.#lastLevel = sum / untouched.length;
    return this.#lastLevel;
  }

  harm(): number {
    const { worse } = this.#spec;
    if (worse === 'either') return logSumExp([this.#beyond('higher'), this.#beyond('lower')]) - Math.LN2;
    return this.#beyond(worse);
  }

  noHarm(): number {
    const { worse } = this.#spec;
    if (worse === 'either') return Math.min(this.#within('higher'), this.#within('lower'));
    return this.#within(worse);
  }

  get seen(): {
    readonly estimate: number | null;
    readonly windows: number;
    readonly targets: number;
    readonly level: number;
    readonly allowed: number;
    readonly noise: MeanNoise;
    readonly compared: 'at-the-same-time' | 'before';
  } {
    return {
      estimate: this.#evidence.estimate,
      windows: this.#windows,
      targets: this.#treated,
      level: this.#lastLevel,
      allowed: allowedAt(this.#spec.margin, this.#lastLevel),
      noise: this.#noise,
      compared: this.#compared,
    };
  }

  /** Bounds on treated − untouched as a share of the untouched level. */
  difference(alpha: number): { readonly lower: number; readonly upper: number } {
    const enough = -Math.log(alpha);
    const at = (relative: number): MeanBoundary => ({ relative, absolute: 0 });
    return {
      lower: -leastRejected((x) => this.#evidence.ofMore(at(-x)) >= enough, SCALE),
      upper: leastRejected((x) => this.#evidence.ofLess(at(x)) >= enough, SCALE),
    };
  }

  #boundaries(side: 'higher' | 'lower'): readonly MeanBoundary[] {
    const sign = side === 'higher' ? 1 : -1;
    const { relative, absolute } = this.#spec.margin;
    const found: MeanBoundary[] = [];
    if (relative !== undefined) found.push({ relative: sign * relative, absolute: 0 });
    if (absolute !== undefined) found.push({ relative: 0, absolute: sign * absolute });
    return found.length === 0 ? [{ relative: 0, absolute: 0 }] : found;
  }

  #beyond(side: 'higher' | 'lower'): number {
    const found = this.#boundaries(side).map((boundary) =>
      side === 'higher' ? this.#evidence.ofMore(boundary) : this.#evidence.ofLess(boundary),
    );
    return Math.min(...found);
  }

  #within(side: 'higher' | 'lower'): number {
    const found = this.#boundaries(side).map((boundary) =>
      side === 'higher' ? this.#evidence.ofLess(boundary) : this.#evidence.ofMore(boundary),
    );
    return logSumExp(found) - Math.log(found.length);
  }
}
