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
  let [rest, found] = [groups, strayingOf(groups, horizon)];
  // One at a time: where several are sick, the others' yardstick is better without the first.
  while (found.factor > 1 && (groups.length - rest.length + 1) * 3 <= groups.length) {
    const suspect = sickest(rest, 1);
    if (suspect === null) break;
    const others = rest.filter((group) => group !== suspect);
    const without = strayingOf(others, horizon);
    if (sickest([...others, suspect], without.factor) !== suspect) break;
    [rest, found] = [others, without];
  }
  return found;
}

/**
 * The group that is surely sick at the end of the past, the most of all: it counts more than twice what the others and its own level lead one to expect,
 * and has done so for a while (Page's CUSUM). What it does is not how figures usually stray, and would hide harm; where the others do so too now
 * and then, their dispersion is such that it is no evidence.
 */
function sickest(groups: readonly GroupPast[], dispersion: number): GroupPast | null {
  const { series, half } = levelledSeries(groups);
  const tilt = tiltOf(2, { tolerance: 2, margin: 0 }, { ratio: KNOWN, dispersion, share: null });
  const cost = tilt.untouched / KNOWN;
  let [worst, most]: [GroupPast | null, number] = [null, Math.log((groups.length * half) / SICK_RISK)];
  for (const [index, { events, expected }] of series.entries()) {
    let nats = 0;
    for (let window = 0; window < events.length; window++)
      nats = Math.max(0, nats + tilt.treated * (events[window] ?? 0) - cost * (expected[window] ?? 0));
    if (nats > most) [worst, most] = [groups[index] ?? null, nats];
  }
  return worst;
}

/** The probability with which a group that is well is taken for sick. */
const SICK_RISK = 1e-4;

/** The second half of the past, with the level that each group had in the first. */
function levelledSeries(groups: readonly GroupPast[]): { readonly series: readonly Series[]; readonly half: number } {
  const windows = Math.max(0, ...groups.map(({ events }) => events.length));
  const half = windows >> 1;
  const series = seriesOf(groups, windows);
  const levels = levelsOf(
    series.map(({ events, expected }) => ({ events: sum(events, half), expected: sum(expected, half) })),
  );
  return { series: series.map((each, index) => levelled(each, half, levels[index] ?? 1)), half };
}

function strayingOf(groups: readonly GroupPast[], horizon: number): Dispersion {
  const found = levelledSeries(groups);
  let { series } = found;
  let worst: Dispersion = { factor: 1, blocks: 0, length: 1 };
  let tried = 1;
  const longest = Math.max(1, Math.min(horizon, found.half));
  for (let length = 1; length <= longest; length *= 2) {
    if (length > 1) series = series.map(inPairs);
    const blocks = together(series);
    const eventsAtOnce = (sum(blocks.expected) / blocks.events.length) * groups.length;
    const isLast = length * 2 > longest;
    if (blocks.events.length < FEWEST_BLOCKS || (eventsAtOnce < FEWEST_EVENTS && !isLast)) continue;
    tried = length;
    const factor = heavyEnough(blocks, variance(blocks, worst.factor));
    if (factor > worst.factor || worst.blocks === 0) worst = { factor, blocks: blocks.events.length, length };
  }
  return { ...worst, factor: 1 + (worst.factor - 1) * beyond(worst.length, tried, horizon) };
}

/**
 * Where the past is too short for blocks as long as a bake, and figures stray the more the longer the blocks are, they are taken to go on
 * so: as if what made them stray stayed for all of the bake. Nothing can make them stray more.
 */
export function beyond(worst: number, tried: number, horizon: number): number {
  return worst === tried && tried * 2 <= horizon ? horizon / tried : 1;
}

/** Blocks of the past as {@link dispersionOf} tries them, of so many windows (a power of two): what groups counted, and what was expected. */
export function pastBlocks(
  groups: readonly GroupPast[],
  length: number,
): { readonly events: Float64Array; readonly expected: Float64Array } {
  let { series } = levelledSeries(groups);
  for (let long = 1; long < length; long *= 2) series = series.map(inPairs);
  return together(series);
}

/** A variance from fewer figures is a guess. */
const FEWEST_BLOCKS = 20;
/** Of the whole fleet in one block: what the others counted is the yardstick, and a few events are none. */
const FEWEST_EVENTS = 30;

/** Windows, or blocks of them, one figure of each kind for each. */
interface Series {
  readonly events: Float64Array;
  readonly expected: Float64Array;
  /** Variance of what is expected itself: the others have counted only so much. */
  readonly doubt: Float64Array;
}

/** What each group would count in each window if it were like all the *others*: a group that moved its own yardstick would seem steadier than it is. */
function seriesOf(groups: readonly GroupPast[], windows: number): readonly Series[] {
  const [events, exposure] = [new Float64Array(windows), new Float64Array(windows)];
  for (const group of groups) {
    for (let window = 0; window < windows; window++) {
      events[window] = (events[window] ?? 0) + (group.events[window] ?? 0);
      exposure[window] = (exposure[window] ?? 0) + (group.exposure[window] ?? 0);
    }
  }
  return groups.map((group) => {
    const series = emptySeries(group.events.length);
    for (let window = 0; window < group.events.length; window++) {
      const [counted, own] = [group.events[window] ?? 0, group.exposure[window] ?? 0];
      const [others, rest] = [(events[window] ?? 0) - counted, (exposure[window] ?? 0) - own];
      const share = rest > 0 ? own / rest : 0;
      series.events[window] = counted;
      series.expected[window] = share * others;
      series.doubt[window] = share * share * others;
    }
    return series;
  });
}

function emptySeries(length: number): Series {
  return { events: new Float64Array(length), expected: new Float64Array(length), doubt: new Float64Array(length) };
}

/** From some window on, for a group of this level. */
function levelled({ events, expected, doubt }: Series, from: number, level: number): Series {
  const series = emptySeries(Math.max(0, events.length - from));
  for (let index = 0; index < series.events.length; index++) {
    series.events[index] = events[from + index] ?? 0;
    series.expected[index] = level * (expected[from + index] ?? 0);
    series.doubt[index] = level * level * (doubt[from + index] ?? 0);
  }
  return series;
}

/** Two and two added up; an odd one is left out. */
function inPairs(series: Series): Series {
  const half = (figures: Float64Array) => {
    const pairs = new Float64Array(figures.length >> 1);
    for (let index = 0; index < pairs.length; index++)
      pairs[index] = (figures[2 * index] ?? 0) + (figures[2 * index + 1] ?? 0);
    return pairs;
  };
  return { events: half(series.events), expected: half(series.expected), doubt: half(series.doubt) };
}

/** Blocks of all groups in one list, without those in which nothing could be expected. */
function together(series: readonly Series[]): Series {
  const all = emptySeries(series.reduce((total, { events }) => total + events.length, 0));
  let count = 0;
  for (const { events, expected, doubt } of series) {
    for (let index = 0; index < events.length; index++) {
      if (!((expected[index] ?? 0) > 0)) continue;
      all.events[count] = events[index] ?? 0;
      all.expected[count] = expected[index] ?? 0;
      all.doubt[count] = doubt[index] ?? 0;
      count++;
    }
  }
  const first = (figures: Float64Array) => figures.subarray(0, count);
  return { events: first(all.events), expected: first(all.expected), doubt: first(all.doubt) };
}

/**
 * Variance over mean, not below `least`: raised only where it is surely higher (it is asked at many lengths), and then by twice its standard
 * error more. A ratio of sums, since the mean of ratios leans upwards: what is divided by is itself counted.
 */
function variance({ events, expected, doubt }: Series, least: number): number {
  const square = (index: number) => ((events[index] ?? 0) - (expected[index] ?? 0)) ** 2;
  const allowance = (index: number) => (expected[index] ?? 0) + (doubt[index] ?? 0);
  let squares = 0;
  let allowed = 0;
  for (let index = 0; index < events.length; index++) {
    squares += square(index);
    allowed += allowance(index);
  }
  const factor = squares / allowed;
  let strays = 0;
  for (let index = 0; index < events.length; index++) strays += (square(index) - factor * allowance(index)) ** 2;
  const error = Math.sqrt(strays) / allowed;
  return factor - 2.5 * error > least ? factor + 2 * error : least;
}

/**
 * Rare bursts are heavier than their variance says. Evidence of harm may reach x in at most one of x blocks of a past without harm (Markov);
 * where the past's own blocks do so more often, the factor is raised until they do not. Counts that have shown no clusters so far have the
 * benefit of doubt: more often than by chance.
 */
function heavyEnough(blocks: Series, least: number): number {
  const doubted = (allowed: number) => (least > 1 ? 0 : 1.5 * Math.sqrt(allowed) + 1);
  const heavy = heaviest(blocks);
  const isHeavier = (factor: number) => isTooHeavy(heavy, blocks.events.length, factor, doubted);
  if (!isHeavier(least)) return least;
  let [low, enough] = [least, least * STEP];
  while (enough < HEAVIEST && isHeavier(enough)) [low, enough] = [enough, enough * STEP];
  for (let halving = 0; halving < 4; halving++) {
    const middle = Math.sqrt(low * enough);
    if (isHeavier(middle)) low = middle;
    else enough = middle;
  }
  return enough;
}

const STEP = 1.25;

/** Blocks that could be evidence of the least that is asked for: no tilt says more of a count than the one of its own rate, for Poisson. */
function heaviest({ events, expected }: Series): readonly Counted[] {
  const found: Counted[] = [];
  for (let index = 0; index < events.length; index++) {
    const [count, mean] = [events[index] ?? 0, expected[index] ?? 0];
    if (count > mean && count * Math.log(count / mean) - (count - mean) >= LEAST_NATS)
      found.push({ events: count, expected: mean });
  }
  return found;
}

function isTooHeavy(
  heavy: readonly Counted[],
  blocks: number,
  factor: number,
  doubted: (allowed: number) => number,
): boolean {
  return ALTERNATIVES.some((alternative) => {
    const boundary = { tolerance: 1, margin: 0 };
    const tilt = tiltOf(alternative, boundary, { ratio: KNOWN, dispersion: factor, share: null });
    const cost = tilt.untouched / KNOWN;
    const found = REACHED.map(() => 0);
    for (const { events, expected } of heavy) {
      const nats = tilt.treated * events - cost * expected;
      for (let index = 0; index < REACHED.length && nats >= (REACHED[index]?.nats ?? 0); index++)
        found[index] = (found[index] ?? 0) + 1;
    }
    return REACHED.some(({ times }, index) => {
      const allowed = blocks / times;
      return (found[index] ?? 0) > allowed + doubted(allowed);
    });
  });
}

/** In growing order. */
const REACHED = [100, 1000, 10_000].map((times) => ({ times, nats: Math.log(times) }));
const LEAST_NATS = Math.log(100);

/** As if the untouched arm were so large that its rate is known. */
const KNOWN = 1e-6;
/** Beyond that counts say next to nothing. */
const HEAVIEST = 1e6;

function sum(figures: Float64Array, to = figures.length): number {
  let total = 0;
  for (let index = 0; index < to; index++) total += figures[index] ?? 0;
  return total;
}
