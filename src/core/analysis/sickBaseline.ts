import type { Worse } from './margin.ts';
import { tiltOf } from './ratio/tilt.ts';
import { ENOUGH_FOR_ONE } from './strays.ts';

/** What all untouched targets together usually did: nine tenths of the past were below `most`, and as many above `least`. */
export interface Usual {
  readonly least: number;
  readonly most: number;
}

/** The whole untouched arm is sick: what it has done since that began, against the worst that was usual. */
export interface Sickness {
  readonly level: number;
  readonly usual: number;
}

/** Beyond so many times the worst that was usual it is sick. */
const SICK = 2;
/** Fewer pieces of the past do not say what is usual. */
const FEWEST = 20;
/** Of a level that is no count: for so many windows one after the other. */
const LASTING = 5;

/** `null` where there is too little past to say. */
export function usualOf(levels: readonly number[]): Usual | null {
  if (levels.length < FEWEST) return null;
  const sorted = levels.toSorted((a, b) => a - b);
  const tenth = Math.floor(levels.length / 10);
  return { least: sorted[tenth] ?? 0, most: sorted[levels.length - 1 - tenth] ?? 0 };
}

/**
 * Whether the untouched arm as a whole is far worse than it ever was: then what treated targets are compared with is no yardstick. For
 * counts it is a sum of evidence against "at most twice the worst that was usual" (at least half of it, where lower is worse) that never
 * falls below 0, as in strays.ts; it ends when the arm has recovered.
 */
export class SickBaseline {
  readonly #worse: 'higher' | 'lower';
  #nats = 0;
  /** Since the evidence was last 0. */
  #events = 0;
  #exposure = 0;
  #usual = 0;

  constructor(worse: 'higher' | 'lower') {
    this.#worse = worse;
  }

  see(events: number, exposure: number, usual: Usual, dispersion: number): void {
    if (!(exposure > 0)) return;
    const isHigher = this.#worse === 'higher';
    // Where nothing was ever counted, a first event is no sickness.
    this.#usual = isHigher ? Math.max(usual.most, 1 / exposure) : usual.least;
    const boundary = { tolerance: 0, margin: isHigher ? this.#usual * SICK : this.#usual / SICK };
    const tilt = tiltOf(isHigher ? SICK : 1 / SICK, boundary, { ratio: 1, dispersion, share: null });
    const nats = tilt.treated * events - tilt.treatedExposure * exposure;
    this.#nats = Math.max(0, Math.min(2 * ENOUGH_FOR_ONE, this.#nats + nats));
    this.#events = this.#nats > 0 ? this.#events + events : 0;
    this.#exposure = this.#nats > 0 ? this.#exposure + exposure : 0;
  }

  get sickness(): Sickness | null {
    return this.#nats >= ENOUGH_FOR_ONE ? { level: this.#events / this.#exposure, usual: this.#usual } : null;
  }
}

/** The same of a level that is measured, not counted. */
export class SickLevel {
  readonly #worse: Worse;
  #lasted = 0;
  #sickness: Sickness = { level: 0, usual: 0 };

  constructor(worse: Worse) {
    this.#worse = worse;
  }

  see(level: number, { least, most }: Usual): void {
    const isHigh = this.#worse !== 'lower' && level > most * SICK;
    const isLow = this.#worse !== 'higher' && level < least / SICK;
    this.#lasted = isHigh || isLow ? this.#lasted + 1 : 0;
    this.#sickness = { level, usual: isLow ? least : most };
  }

  get sickness(): Sickness | null {
    return this.#lasted >= LASTING ? this.#sickness : null;
  }
}

/** The newest of these levels against the others; `null` where they are as usual, or there are too few to say. */
export function sickLevelIn(levels: readonly number[], newest: number, worse: Worse): Sickness | null {
  const usual = usualOf(levels.slice(0, levels.length - newest));
  if (usual === null) return null;
  const sick = new SickLevel(worse);
  for (const level of levels.slice(levels.length - newest)) sick.see(level, usual);
  return sick.sickness;
}
