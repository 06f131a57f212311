import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import { PastBook } from '../../src/core/analysis/pastBook.ts';
import { RolloutJudge, USUAL_MISS_RATE } from '../../src/core/analysis/rolloutJudge.ts';
import { Chance } from './chance.ts';
import type { FleetKind } from './fleets.ts';
import type { Shape } from './healthyRollout.ts';
import { asymptoticSequence } from './peers/asymptoticSequence.ts';
import { rolledBackAt } from './peers/fixedThreshold.ts';
import { classify, KAYENTA } from './peers/mannWhitney.ts';

/** What one rollout of one metric looked like, minute by minute, to whoever judges it. */
interface Story {
  readonly past: readonly Minute[];
  readonly minutes: readonly Minute[];
  /** At which minute each stage begins. */
  readonly begins: readonly number[];
}

interface Minute {
  readonly treated: readonly Count[];
  readonly untouched: readonly Count[];
}

interface Count {
  readonly target: string;
  readonly failures: number;
  readonly total: number;
}

const USUAL_SHARE = 0.005;
const REQUESTS = 200;
const BUDGET = 0.01;
const ROLE = 'web';
const MINUTE_MS = 60_000;

/** Failed requests of a fleet of this kind; on treated targets `times` as many as usual. */
export function storyOf(kind: FleetKind, shape: Shape, times: number, seed: number): Story {
  const chance = new Chance(seed);
  const moodOf = kind.fleet(chance);
  const moods = Array.from({ length: shape.targets }, () => moodOf(chance));
  const baked = shape.stages.reduce((sum, { minutes }) => sum + minutes, 0);
  const turnsSick = kind.sick ? shape.pastMinutes + Math.floor((chance.next() - 0.5) * 2 * baked) : null;
  let now = 0;
  const minute = (treated: number): Minute => {
    const isSick = turnsSick !== null && now++ >= turnsSick;
    const counts = moods.flatMap((mood, index) => {
      const level = mood() * (isSick && index === moods.length - 1 ? 10 : 1);
      if (kind.missing > 0 && chance.next() < kind.missing) return [];
      const total = chance.poisson(REQUESTS);
      const failures = chance.poisson(total * USUAL_SHARE * level * (index < treated ? times : 1));
      return [{ target: String(index), index, failures: Math.min(total, failures), total }];
    });
    return {
      treated: counts.filter(({ index }) => index < treated),
      untouched: counts.filter(({ index }) => index >= treated),
    };
  };
  const past = Array.from({ length: shape.pastMinutes }, () => minute(0));
  const begins: number[] = [];
  const minutes: Minute[] = [];
  for (const { treated, minutes: length } of shape.stages) {
    begins.push(minutes.length);
    for (let passed = 0; passed < length; passed++) minutes.push(minute(treated));
  }
  return { past, minutes, begins };
}

/** A way of judging, with the settings that its users may choose. */
export interface Family {
  readonly name: string;
  readonly settings: readonly string[];
  /** Those that it comes with, or that its documentation begins with. */
  readonly usual: readonly number[];
  /** At which minute it rolls back with each setting, `null` at none. */
  readonly judge: (story: Story, shape: Shape) => readonly (number | null)[];
}

const failed = (counts: readonly Count[]) => counts.reduce((sum, { failures }) => sum + failures, 0);
const asked = (counts: readonly Count[]) => counts.reduce((sum, { total }) => sum + total, 0);
const shareOf = (counts: readonly Count[]) => (asked(counts) > 0 ? failed(counts) / asked(counts) : null);

const ours: Family = {
  name: 'Ringfence',
  settings: [`budget ${BUDGET * 100} %`],
  usual: [0],
  judge: ({ past, minutes, begins }, shape) => {
    const check: CheckSpec = {
      kind: 'failureProportion',
      name: 'errors',
      effect: 'guardrail',
      failures: 'failures',
      total: 'total',
      margin: {},
    };
    const judge = new RolloutJudge({ checks: [check], budget: BUDGET, missRate: USUAL_MISS_RATE }, { changed: [ROLE] });
    const book = new PastBook(MINUTE_MS);
    book.follow(ROLE, check);
    const samples = ({ treated, untouched }: Minute) =>
      [
        ...treated.map((count) => ({ ...count, treated: true })),
        ...untouched.map((count) => ({ ...count, treated: false })),
      ].map(({ target, treated: isTreated, failures, total }) => ({
        target,
        treated: isTreated,
        inStage: isTreated,
        minutes: 1,
        values: new Map([
          ['failures', [failures]],
          ['total', [total]],
        ]),
      }));
    for (const minute of past) book.learn(0, ROLE, samples(minute));
    for (const [index, minute] of minutes.entries()) {
      const stage = begins.indexOf(index);
      const at = index * MINUTE_MS;
      if (stage !== -1) judge.begin(at, stage, shape.stages[stage]?.minutes ?? 1, () => book);
      judge.observe({ at, role: ROLE, samples: samples(minute) }, book);
      book.learn(at, ROLE, samples(minute));
      if (judge.failing().length > 0) return [index];
    }
    return [null];
  },
};

const THRESHOLDS = [1.5, 2, 3, 5, 10].flatMap((times) =>
  [0, 2, 4, 9].flatMap((failureLimit) => [1, 5].map((every) => ({ times, failureLimit, every }))),
);

/** The threshold is at so many times what is usual: only for who knows that beforehand. */
const fixedThreshold: Family = {
  name: 'fixed threshold',
  settings: THRESHOLDS.map(
    ({ times, failureLimit, every }) =>
      `at ${times} times the usual, ${failureLimit} failures tolerated, every ${every === 1 ? 'minute' : `${every} minutes`}`,
  ),
  usual: THRESHOLDS.flatMap(({ times, failureLimit, every }, index) =>
    every === 1 && ((times === 2 && failureLimit === 0) || (times === 2 && failureLimit === 4)) ? [index] : [],
  ),
  judge: ({ minutes }) => {
    const measured = new Map(
      [1, 5].map((every) => [
        every,
        minutes.flatMap((_, index) => {
          if ((index + 1) % every !== 0) return [];
          return [shareOf(minutes.slice(index + 1 - every, index + 1).flatMap(({ treated }) => treated))];
        }),
      ]),
    );
    return THRESHOLDS.map(({ times, failureLimit, every }) => {
      const at = rolledBackAt(measured.get(every) ?? [], { threshold: USUAL_SHARE * times, failureLimit });
      return at === null ? null : (at + 1) * every - 1;
    });
  },
};

const INTERVALS = [10, 60];
const INCREASES = [1, 1.2, 1.5, 2];

/** Judged at every interval on all minutes of the stage so far, as its growing lookback does. */
const mannWhitney: Family = {
  name: 'Mann-Whitney',
  settings: INTERVALS.flatMap((every) =>
    INCREASES.map((times) => `every ${every} minutes${times === 1 ? '' : `, ${times} times the mean allowed`}`),
  ),
  usual: [INCREASES.length, 0],
  judge: ({ minutes, begins }) =>
    INTERVALS.flatMap((every) => {
      const found = INCREASES.map((): number | null => null);
      for (const [index] of minutes.entries()) {
        const begun = begins.findLast((begin) => begin <= index) ?? 0;
        if ((index + 1 - begun) % every !== 0) continue;
        const seen = minutes.slice(begun, index + 1);
        const of = (arm: (minute: Minute) => readonly Count[]) => seen.flatMap((minute) => shareOf(arm(minute)) ?? []);
        const arms = [of(({ untouched }) => untouched), of(({ treated }) => treated)] as const;
        for (const [setting, allowedIncrease] of INCREASES.entries()) {
          if (found[setting] !== null) continue;
          // What is no High with a smaller increase allowed is none with a larger one.
          if (classify(...arms, { ...KAYENTA, allowedIncrease }) !== 'High') break;
          found[setting] = index;
        }
      }
      return found;
    }),
};

const SEQUENCES = [0.05, 0.01, 0.001].flatMap((alpha) => [500, 5000, 1_000_000].map((tuned) => ({ alpha, tuned })));

const asymptotic: Family = {
  name: 'asymptotic sequence',
  settings: SEQUENCES.map(({ alpha, tuned }) => `alpha ${alpha}, tuned to ${tuned}`),
  usual: SEQUENCES.flatMap(({ alpha, tuned }, index) => (alpha !== 0.001 && tuned === 5000 ? [index] : [])),
  judge: ({ minutes }) => {
    const found = SEQUENCES.map((): number | null => null);
    const moments = { treated: { count: 0, sum: 0, squares: 0 }, untouched: { count: 0, sum: 0, squares: 0 } };
    for (const [index, minute] of minutes.entries()) {
      for (const arm of ['treated', 'untouched'] as const) {
        const [sum, count] = [failed(minute[arm]), asked(minute[arm])];
        moments[arm] = {
          count: moments[arm].count + count,
          sum: moments[arm].sum + sum,
          squares: moments[arm].squares + sum,
        };
      }
      for (const [setting, { alpha, tuned }] of SEQUENCES.entries()) {
        if (found[setting] !== null) continue;
        const options = { alpha, tuned, relative: false, oneSided: true };
        const sequence = asymptoticSequence(moments.untouched, moments.treated, options);
        if (sequence !== null && sequence.lower > 0) found[setting] = index;
      }
    }
    return found;
  },
};

export const FAMILIES: readonly Family[] = [ours, fixedThreshold, mannWhitney, asymptotic];

export interface Tally {
  readonly family: string;
  readonly setting: string;
  /** How many runs were rolled back, and the mean minute at which they were. */
  readonly rolledBack: number;
  readonly meanMinute: number | null;
}

/** The same stories through every judge with every setting. */
export function compare(kind: FleetKind, shape: Shape, times: number, runs: number): readonly Tally[] {
  const tallies = FAMILIES.map(({ settings }) => settings.map(() => ({ rolledBack: 0, minutes: 0 })));
  for (let run = 1; run <= runs; run++) {
    const story = storyOf(kind, shape, times, run);
    for (const [index, { judge }] of FAMILIES.entries()) {
      for (const [setting, at] of judge(story, shape).entries()) {
        const tally = tallies[index]?.[setting];
        if (at === null || tally === undefined) continue;
        tally.rolledBack++;
        tally.minutes += at + 1;
      }
    }
  }
  return FAMILIES.flatMap(({ name, settings }, index) =>
    settings.map((setting, place) => {
      const { rolledBack = 0, minutes = 0 } = tallies[index]?.[place] ?? {};
      return { family: name, setting, rolledBack, meanMinute: rolledBack === 0 ? null : minutes / rolledBack };
    }),
  );
}
