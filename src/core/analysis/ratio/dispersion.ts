import { type Counted, levelsOf } from './levels.ts';
import { ALTERNATIVES } from './ratioEvidence.ts';
import { tiltOf } from './tilt.ts';

/** What a group of targets did while nothing was changed: one figure for each window. Missing minutes are windows without exposure. */
export interface GroupPast {
  readonly events: readonly number[];
  readonly exposure: readonly number[];
}

export interface Dispersion {
  /** Variance of what a group counts in a block over its mean, at the block length at which it is largest; at least 1. */
  readonly factor: number;
  /** How many blocks that was read from; 0 when there was too little past to say. */
  readonly blocks: number;
  /** Length of those blocks, in windows. */
  readonly length: number;
}

/**
 * How far counts of a group stray from what the whole fleet leads one to expect, read from the fleet's own past: levels from the first
 * half, tried on the second half (A/A). It takes in clusters, moods that last (autocorrelation), drifting levels and levels that are
 * badly known: whatever makes a group of targets differ from the rest without a change. What all targets share is not in it, since the
 * comparison is with the others at the same time.
 *
 * Blocks are 1, 2, 4 … windows long, up to `horizon`: what lasts longer than a bake cannot be told from its effect. The
 * standard error of each figure is added twice, so that a short or a bursty past counts for less, not for more.
 */
export function dispersionOf(groups: readonly GroupPast[], horizon: number): Dispersion {
  const windows = Math.max(0, ...groups.map(({ events }) => events.length));
  const half = windows >> 1;
  const expected = expectedOf(groups, windows);
  const counted = groups.map(({ events }, index) => ({
    events: total(events, 0, half),
    expected: total(expected[index] ?? [], 0, half),
  }));
  const levels = levelsOf(counted);
  let worst: Dispersion = { factor: 1, blocks: 0, length: 1 };
  for (let length = 1; length <= Math.max(1, Math.min(horizon, half)); length *= 2) {
    const found = strayOf(groups, expected, levels, half, length);
    if (found.blocks >= FEWEST_BLOCKS && (found.factor > worst.factor || worst.blocks === 0))
      worst = { ...found, factor: Math.max(worst.factor, found.factor), length };
  }
  return worst;
}

/** A variance from fewer figures is a guess. */
const FEWEST_BLOCKS = 20;

/** What each group would count in each window if it were like all the *others*: a group that moved its own yardstick would seem steadier than it is. */
function expectedOf(groups: readonly GroupPast[], windows: number): readonly (readonly number[])[] {
  const expected: number[][] = groups.map(() => []);
  for (let window = 0; window < windows; window++) {
    let events = 0;
    let exposure = 0;
    for (const group of groups) {
      events += group.events[window] ?? 0;
      exposure += group.exposure[window] ?? 0;
    }
    for (const [index, group] of groups.entries()) {
      const own = group.exposure[window] ?? 0;
      const others = exposure - own;
      expected[index]?.push(others > 0 ? (own * (events - (group.events[window] ?? 0))) / others : 0);
    }
  }
  return expected;
}

function strayOf(
  groups: readonly GroupPast[],
  expected: readonly (readonly number[])[],
  levels: readonly number[],
  from: number,
  length: number,
): { readonly factor: number; readonly blocks: number } {
  const blocks: Counted[] = [];
  let sum = 0;
  let squares = 0;
  for (const [index, { events }] of groups.entries()) {
    for (let start = from; start + length <= events.length; start += length) {
      const mean = (levels[index] ?? 1) * total(expected[index] ?? [], start, start + length);
      if (!(mean > 0)) continue;
      const counted = total(events, start, start + length);
      const stray = (counted - mean) ** 2 / mean;
      sum += stray;
      squares += stray * stray;
      blocks.push({ events: counted, expected: mean });
    }
  }
  if (blocks.length < FEWEST_BLOCKS) return { factor: 1, blocks: blocks.length };
  const mean = sum / blocks.length;
  const error = Math.sqrt(Math.max(0, squares / blocks.length - mean * mean) / blocks.length);
  return { factor: heavyEnough(blocks, Math.max(1, mean + 2 * error)), blocks: blocks.length };
}

/**
 * Rare bursts are heavier than their variance says. What evidence of harm the past itself would have given, block by block, must not be
 * more than 1 on average: the factor is raised until it is not.
 */
function heavyEnough(blocks: readonly Counted[], least: number): number {
  let factor = least;
  while (factor < HEAVIEST && meanEvidence(blocks, factor) > 1) factor *= 1.25;
  return factor;
}

function meanEvidence(blocks: readonly Counted[], factor: number): number {
  let worst = 0;
  for (const alternative of ALTERNATIVES) {
    const { treated, untouched } = tiltOf(
      alternative,
      { tolerance: 1, margin: 0 },
      { ratio: KNOWN, dispersion: factor, share: null },
    );
    let sum = 0;
    for (const { events, expected } of blocks) sum += Math.exp(treated * events - (untouched * expected) / KNOWN);
    worst = Math.max(worst, sum / blocks.length);
  }
  return worst;
}

/** As if the untouched arm were so large that its rate is known. */
const KNOWN = 1e-6;
/** Beyond that counts say next to nothing. */
const HEAVIEST = 1e6;

function total(figures: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += figures[index] ?? 0;
  return sum;
}
