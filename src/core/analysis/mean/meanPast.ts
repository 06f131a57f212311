import { logSumExp } from '../logSumExp.ts';
import type { Worse } from '../margin.ts';
import { type Calibration, tallied } from '../ratio/calibration.ts';
import { beyond } from '../ratio/dispersion.ts';
import { GUESSED_SPREAD, GUESSED_TARGETS } from '../ratio/fleetPast.ts';
import { type Sickness, sickLevelIn, type Usual, usualOf } from '../sickBaseline.ts';
import { Strays, standingOut } from '../strays.ts';
import { EFFECTS } from './meanEvidence.ts';
import { meanStrayNats } from './meanStrayNats.ts';

/** The mean of a metric on one target in one window. */
export interface TargetMean {
  readonly target: string;
  readonly value: number;
}

export interface MeanNoise {
  /** Variance of one target's deviation in one window, as a share of the fleet's level, such that long blocks fit as well. */
  readonly variance: number;
  /** How many blocks that was read from; 0 when there was too little past to say. */
  readonly blocks: number;
  /** For how many windows it is to bake; left out: targets' levels are taken for known. */
  readonly horizon?: number;
  /** Between which levels the fleet usually is; left out where there is too little past. */
  readonly usual?: Usual;
}

/** What one window adds to the past: the fleet's level, and by how much of it each followed target was off. Plain data. */
export interface MeanRow {
  readonly level: number;
  readonly deviations: Readonly<Record<string, number>>;
}

/** What is known of each target: the sum of its deviations, and in how many windows. Plain data. */
export interface MeanLevels {
  readonly targets: Readonly<Record<string, readonly [sum: number, windows: number]>>;
  readonly windows: number;
}

interface TargetPast {
  sum: number;
  windows: number;
  readonly deviations: number[];
}

const SICK = 2;
/** Of two that differ nobody can say which is the sick one. */
const FEWEST_TO_SIFT = 3;
/** Windows in which it is looked for sickness before a rollout begins. */
const NEWEST = 60;
const FEWEST_BLOCKS = 20;
/** So many targets are followed window by window; of the others only their level is kept. */
const FOLLOWED = 64;
/** A target that is usually near nothing would have any figure look enormous. */
const LEAST_LEVEL = 0.05;
/** A mean that never moves is no proof that it never will. */
const LEAST_VARIANCE = 1e-6;

/**
 * What a metric's mean did on the untouched targets of one role: each target's own level against the fleet, and how far it strays from
 * that. Deviations are shares of the fleet's mean in the same window, so that what all share cancels. The metric is positive by nature.
 */
export class MeanPast {
  readonly #targets = new Map<string, TargetPast>();
  readonly #longest: number;
  readonly #sick = new Strays();
  #noise: { readonly horizon: number; readonly windows: number; readonly found: MeanNoise } | null = null;
  readonly #levels: number[] = [];
  #lastLevel = 0;
  #windows = 0;
  #spread: number | null = null;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** One window of targets that hold what they have long held; those that are sick are not learned from. */
  add(all: readonly TargetMean[]): MeanRow {
    const { kept: samples, left, sums } = this.sift(all);
    for (const target of this.#sick.take(sums, left)) this.#targets.delete(target);
    const level = this.levelNow(samples) ?? 0;
    const deviations: Record<string, number> = {};
    if (!(level > 0)) return { level: 0, deviations };
    for (const { target, value } of samples) {
      let past = this.#targets.get(target);
      if (past === undefined) {
        past = { sum: 0, windows: 0, deviations: [] };
        this.#targets.set(target, past);
      }
      const deviation = value / level - 1;
      past.sum += deviation;
      past.windows++;
      if (this.#targets.size <= FOLLOWED || past.deviations.length > 0) deviations[target] = deviation;
    }
    const row = { level, deviations };
    this.append(row);
    return row;
  }

  /** A row that {@link add} once gave; the targets' own levels come with {@link restore}. */
  append({ level, deviations }: MeanRow): void {
    if (!(level > 0)) return;
    this.#windows++;
    this.#spread = null;
    this.#lastLevel = level;
    this.#levels.push(level);
    if (this.#levels.length > this.#longest) this.#levels.shift();
    for (const [target, deviation] of Object.entries(deviations)) {
      let past = this.#targets.get(target);
      if (past === undefined) {
        past = { sum: 0, windows: 0, deviations: [] };
        this.#targets.set(target, past);
      }
      past.deviations.push(deviation);
      if (past.deviations.length > this.#longest) past.deviations.shift();
    }
  }

  /** The level of the fleet that these figures show, each target's own level taken out; `null` for none. */
  levelNow(samples: readonly TargetMean[]): number | null {
    if (samples.length === 0) return null;
    let sum = 0;
    for (const { target, value } of samples) sum += value / this.levelOf(target);
    return sum / samples.length;
  }

  /**
   * Without untouched targets that are surely sick: that are at more than {@link SICK} times their usual level, the others taken for the
   * hour's. As in RatioPast; nothing is left out before the noise was read for a first rollout.
   */
  sift(untouched: readonly TargetMean[]): {
    readonly kept: readonly TargetMean[];
    readonly left: readonly string[];
    readonly sums: ReadonlyMap<string, number>;
  } {
    const noise = this.#noise?.found;
    if (noise === undefined || noise.blocks === 0 || untouched.length < FEWEST_TO_SIFT)
      return { kept: untouched, left: [], sums: new Map() };
    const levels = untouched.map(({ target, value }) => value / this.levelOf(target));
    const all = levels.reduce((sum, level) => sum + level, 0);
    const sums = this.#sick.after(
      untouched.map(({ target }, index) => {
        const own = levels[index] ?? 0;
        const hour = (all - own) / (levels.length - 1);
        return [target, hour > 0 ? meanStrayNats(own / hour - SICK, noise.variance) : 0] as const;
      }),
    );
    const left = standingOut(sums, untouched.length);
    return {
      kept: left.length === 0 ? untouched : untouched.filter(({ target }) => !left.includes(target)),
      left,
      sums,
    };
  }

  /** What a rollout that is under way reckons with, for a past that was taken up again in the meantime. */
  reckonWith(found: MeanNoise): void {
    this.#noise ??= { horizon: 0, windows: 0, found };
  }

  /** As {@link noise}, read anew when the past has grown by a twentieth. */
  noiseFor(horizon: number): MeanNoise {
    const last = this.#noise;
    if (last !== null && last.horizon === horizon && this.#windows * 20 <= last.windows * 21) return last.found;
    const usual = this.usualLevels();
    const found = { ...this.noise(horizon), horizon, ...(usual === null ? {} : { usual }) };
    this.#noise = { horizon, windows: this.#windows, found };
    return found;
  }

  /** Between which levels the fleet usually was; `null` where there is too little past. */
  usualLevels(): Usual | null {
    return usualOf(this.#levels);
  }

  /** Whether the fleet is far off from where it ever was: the newest windows against the rest; `null` where it is not, or nobody knows. */
  sickness(worse: Worse): Sickness | null {
    return sickLevelIn(this.#levels, Math.min(NEWEST, this.#levels.length >> 2), worse);
  }

  /** The level of the last window; 0 before there was one. */
  get lastLevel(): number {
    return this.#lastLevel;
  }

  get windows(): number {
    return this.#windows;
  }

  levels(): MeanLevels {
    const targets = [...this.#targets].map(([target, { sum, windows }]) => {
      const figures: readonly [number, number] = [sum, windows];
      return [target, figures] as const;
    });
    return { targets: Object.fromEntries(targets), windows: this.#windows };
  }

  restore({ targets, windows }: MeanLevels): void {
    for (const [target, [sum, count]] of Object.entries(targets)) {
      const deviations = this.#targets.get(target)?.deviations ?? [];
      this.#targets.set(target, { sum, windows: count, deviations });
    }
    this.#windows = windows;
  }

  knows(target: string): boolean {
    return this.#targets.has(target);
  }

  /** How badly this target's level is known: the variance of what it may truly be. As in FleetPast. */
  doubtOf(target: string, variance: number): number {
    this.#spread ??= this.#spreadOfLevels();
    return 1 / ((this.#targets.get(target)?.windows ?? 0) / variance + 1 / this.#spread);
  }

  #spreadOfLevels(): number {
    let spread = GUESSED_TARGETS * GUESSED_SPREAD;
    for (const { sum, windows } of this.#targets.values()) spread += windows === 0 ? 0 : (sum / windows) ** 2;
    return spread / (this.#targets.size + GUESSED_TARGETS);
  }

  /** How high this target usually is, as a multiple of the fleet's level; 1 for one that is new. */
  levelOf(target: string): number {
    const past = this.#targets.get(target);
    return past === undefined || past.windows === 0 ? 1 : Math.max(LEAST_LEVEL, 1 + past.sum / past.windows);
  }

  /**
   * Levels from the first half of the past, tried on the second: the variance of block means times the block's length, at the length up to
   * `horizon` where it is largest, twice its standard error added.
   */
  noise(horizon: number): MeanNoise {
    let worst: MeanNoise = { variance: LEAST_VARIANCE, blocks: 0 };
    let [longest, tried] = [1, 1];
    for (let length = 1; length <= Math.max(1, horizon); length *= 2) {
      const blocks = this.#blocks(length);
      if (blocks.length < FEWEST_BLOCKS) continue;
      tried = length;
      const squares = blocks.map((block) => block ** 2 / length);
      const mean = average(squares, 0, squares.length);
      const spread = average(
        squares.map((square) => (square - mean) ** 2),
        0,
        squares.length,
      );
      const variance = heavyEnough(blocks, length, mean + 2 * Math.sqrt(spread / squares.length));
      if (variance > worst.variance || worst.blocks === 0) {
        worst = { variance: Math.max(worst.variance, variance), blocks: squares.length };
        longest = length;
      }
    }
    return { ...worst, variance: worst.variance * beyond(longest, tried, horizon) };
  }

  /** By how much each target strayed from its level, added up over each block of so many windows of the second half. */
  #blocks(length: number): readonly number[] {
    const blocks: number[] = [];
    for (const { deviations } of this.#targets.values()) {
      const half = deviations.length >> 1;
      if (half === 0) continue;
      const level = Math.max(LEAST_LEVEL, 1 + average(deviations, 0, half));
      for (let start = half; start + length <= deviations.length; start += length)
        blocks.push(((1 + average(deviations, start, start + length)) / level - 1) * length);
    }
    return blocks;
  }

  /** As in FleetPast: of the longest blocks up to `horizon` of which there are enough, and of figures that go up. */
  calibration(horizon: number): Calibration {
    const { variance } = this.noiseFor(horizon);
    let length = 1;
    while (length * 2 <= horizon && this.#blocks(length * 2).length >= FEWEST_BLOCKS) length *= 2;
    const nats = this.#blocks(length).map((block) => {
      const each = EFFECTS.map((effect) => (effect * block - (effect * effect * length) / 2) / variance);
      return logSumExp(each) - Math.log(EFFECTS.length);
    });
    return tallied(nats, length);
  }
}

/**
 * Skewed and bursty figures are heavier than their variance says. What evidence the past itself would have given, block by block, must
 * not be more than 1 on average, for any effect looked for, up or down: the variance is raised until it is not.
 */
function heavyEnough(blocks: readonly number[], length: number, least: number): number {
  let variance = Math.max(LEAST_VARIANCE, least);
  while (variance < HEAVIEST && isTooHeavy(blocks, length, variance)) variance *= 1.25;
  return variance;
}

function isTooHeavy(blocks: readonly number[], length: number, variance: number): boolean {
  const largest = blocks.reduce((most, block) => Math.max(most, Math.abs(block)), 0);
  return EFFECTS.some((effect) => {
    const cost = (effect * effect * length) / (2 * variance);
    if ((effect / variance) * largest <= cost) return false; // no block is evidence of so much
    return [effect / variance, -effect / variance].some((tilt) => {
      let sum = 0;
      for (const block of blocks) {
        sum += Math.exp(tilt * block - cost);
        if (sum > blocks.length) return true;
      }
      return false;
    });
  });
}

/** Beyond that a mean says next to nothing. */
const HEAVIEST = 1e6;

function average(figures: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += figures[index] ?? 0;
  return to > from ? sum / (to - from) : 0;
}
