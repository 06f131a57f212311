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
 * Blocks are 1, 2, 4 … windows long, up to `horizon`: what lasts longer than a bake cannot be told from its effect.
 */
export function dispersionOf(groups: readonly GroupPast[], horizon: number): Dispersion {
  const windows = Math.max(0, ...groups.map(({ events }) => events.length));
  const half = windows >> 1;
  const expected = expectedOf(groups, windows);
  const counted = groups.map(({ events }, index) => ({
    events: total(events, 0, half),
    expected: total(expected[index]?.mean ?? [], 0, half),
  }));
  const levels = levelsOf(counted);
  let worst: Dispersion = { factor: 1, blocks: 0, length: 1 };
  const longest = Math.max(1, Math.min(horizon, half));
  for (let length = 1; length <= longest; length *= 2) {
    const blocks = blocksOf(groups, expected, levels, half, length);
    const eventsAtOnce = (blocks.reduce((sum, block) => sum + block.expected, 0) / blocks.length) * groups.length;
    const isLast = length * 2 > longest;
    if (blocks.length < FEWEST_BLOCKS || (eventsAtOnce < FEWEST_EVENTS && !isLast)) continue;
    const factor = heavyEnough(blocks, variance(blocks, worst.factor));
    if (factor > worst.factor || worst.blocks === 0) worst = { factor, blocks: blocks.length, length };
  }
  return worst;
}

/** A variance from fewer figures is a guess. */
const FEWEST_BLOCKS = 20;
/** Of the whole fleet in one block: what the others counted is the yardstick, and a few events are none. */
const FEWEST_EVENTS = 30;

interface Expected {
  readonly mean: number[];
  /** Variance of that mean itself: the others have counted only so much. */
  readonly doubt: number[];
}

/** What each group would count in each window if it were like all the *others*: a group that moved its own yardstick would seem steadier than it is. */
function expectedOf(groups: readonly GroupPast[], windows: number): readonly Expected[] {
  const expected = groups.map((): Expected => ({ mean: [], doubt: [] }));
  for (let window = 0; window < windows; window++) {
    let events = 0;
    let exposure = 0;
    for (const group of groups) {
      events += group.events[window] ?? 0;
      exposure += group.exposure[window] ?? 0;
    }
    for (const [index, group] of groups.entries()) {
      const own = group.exposure[window] ?? 0;
      const others = events - (group.events[window] ?? 0);
      const share = exposure > own ? own / (exposure - own) : 0;
      expected[index]?.mean.push(share * others);
      expected[index]?.doubt.push(share * share * others);
    }
  }
  return expected;
}

interface Block extends Counted {
  readonly doubt: number;
}

function blocksOf(
  groups: readonly GroupPast[],
  expected: readonly Expected[],
  levels: readonly number[],
  from: number,
  length: number,
): readonly Block[] {
  const blocks: Block[] = [];
  for (const [index, { events }] of groups.entries()) {
    const level = levels[index] ?? 1;
    for (let start = from; start + length <= events.length; start += length) {
      const mean = level * total(expected[index]?.mean ?? [], start, start + length);
      const doubt = level * level * total(expected[index]?.doubt ?? [], start, start + length);
      if (mean > 0) blocks.push({ events: total(events, start, start + length), expected: mean, doubt });
    }
  }
  return blocks;
}

/**
 * Variance over mean, not below `least`: raised only where it is surely higher (it is asked at many lengths), and then by twice its standard
 * error more. A ratio of sums, since the mean of ratios leans upwards: what is divided by is itself counted.
 */
function variance(blocks: readonly Block[], least: number): number {
  let squares = 0;
  let allowed = 0;
  for (const { events, expected, doubt } of blocks) {
    squares += (events - expected) ** 2;
    allowed += expected + doubt;
  }
  const factor = squares / allowed;
  let strays = 0;
  for (const { events, expected, doubt } of blocks)
    strays += ((events - expected) ** 2 - factor * (expected + doubt)) ** 2;
  const error = Math.sqrt(strays) / allowed;
  return factor - 2.5 * error > least ? factor + 2 * error : least;
}

/**
 * Rare bursts are heavier than their variance says. Evidence of harm may reach x in at most one of x blocks of a past without harm (Markov);
 * where the past's own blocks do so more often, the factor is raised until they do not. Counts that have shown no clusters so far have the
 * benefit of doubt: more often than by chance.
 */
function heavyEnough(blocks: readonly Counted[], least: number): number {
  const doubted = (allowed: number) => (least > 1 ? 0 : 1.5 * Math.sqrt(allowed) + 1);
  const isHeavier = (factor: number) => isTooHeavy(blocks, factor, doubted);
  if (!isHeavier(least)) return least;
  let [heavy, enough] = [least, least * STEP];
  while (enough < HEAVIEST && isHeavier(enough)) [heavy, enough] = [enough, enough * STEP];
  for (let halving = 0; halving < 4; halving++) {
    const middle = Math.sqrt(heavy * enough);
    if (isHeavier(middle)) heavy = middle;
    else enough = middle;
  }
  return enough;
}

const STEP = 1.25;

function isTooHeavy(blocks: readonly Counted[], factor: number, doubted: (allowed: number) => number): boolean {
  return ALTERNATIVES.some((alternative) => {
    const boundary = { tolerance: 1, margin: 0 };
    const tilt = tiltOf(alternative, boundary, { ratio: KNOWN, dispersion: factor, share: null });
    const cost = tilt.untouched / KNOWN;
    const found = REACHED.map(() => 0);
    for (const { events, expected } of blocks) {
      const nats = tilt.treated * events - cost * expected;
      for (let index = 0; index < REACHED.length && nats >= (REACHED[index]?.nats ?? 0); index++)
        found[index] = (found[index] ?? 0) + 1;
    }
    return REACHED.some(({ times }, index) => {
      const allowed = blocks.length / times;
      return (found[index] ?? 0) > allowed + doubted(allowed);
    });
  });
}

/** In growing order. */
const REACHED = [100, 1000, 10_000].map((times) => ({ times, nats: Math.log(times) }));

/** As if the untouched arm were so large that its rate is known. */
const KNOWN = 1e-6;
/** Beyond that counts say next to nothing. */
const HEAVIEST = 1e6;

function total(figures: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += figures[index] ?? 0;
  return sum;
}
