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
  const minute = (treated: number): Minute => {
    const counts = moods.flatMap((mood, index) => {
      const level = mood();
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

/** A way of judging, as its users set it: at which minute it rolls back, `null` at none. */
export interface Judge {
  readonly name: string;
  readonly judge: (story: Story, shape: Shape) => number | null;
}

const failed = (counts: readonly Count[]) => counts.reduce((sum, { failures }) => sum + failures, 0);
const asked = (counts: readonly Count[]) => counts.reduce((sum, { total }) => sum + total, 0);
const shareOf = (counts: readonly Count[]) => (asked(counts) > 0 ? failed(counts) / asked(counts) : null);

const ours: Judge = {
  name: 'Ringfence, budget 1 %',
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
      if (judge.failing().length > 0) return index;
    }
    return null;
  },
};

/** A threshold at so many times what is usual. */
function fixed(times: number, failureLimit: number): Judge {
  return {
    name: `fixed threshold at ${times} times the usual, ${failureLimit} failures tolerated`,
    judge: ({ minutes }) =>
      rolledBackAt(
        minutes.map(({ treated }) => shareOf(treated)),
        { threshold: USUAL_SHARE * times, failureLimit },
      ),
  };
}

/** Judged at every interval on all minutes of the stage so far, as its growing lookback does. */
function mannWhitney(everyMinutes: number, allowedIncrease: number): Judge {
  const increase = allowedIncrease === 1 ? '' : `, ${allowedIncrease} times the mean allowed`;
  return {
    name: `Mann-Whitney every ${everyMinutes} minutes${increase}`,
    judge: ({ minutes, begins }) => {
      for (const [index] of minutes.entries()) {
        const begun = begins.findLast((begin) => begin <= index) ?? 0;
        if ((index + 1 - begun) % everyMinutes !== 0) continue;
        const seen = minutes.slice(begun, index + 1);
        const of = (arm: (minute: Minute) => readonly Count[]) => seen.flatMap((minute) => shareOf(arm(minute)) ?? []);
        const found = classify(
          of(({ untouched }) => untouched),
          of(({ treated }) => treated),
          { ...KAYENTA, allowedIncrease },
        );
        if (found === 'High') return index;
      }
      return null;
    },
  };
}

function asymptotic(alpha: number, tuned: number): Judge {
  return {
    name: `asymptotic confidence sequence, alpha ${alpha}, tuned to ${tuned}`,
    judge: ({ minutes }) => {
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
        const found = asymptoticSequence(moments.untouched, moments.treated, {
          alpha,
          tuned,
          relative: false,
          oneSided: true,
        });
        if (found !== null && found.lower > 0) return index;
      }
      return null;
    },
  };
}

/** Ours, and each peer as it comes and with settings that suit these data better. */
export const JUDGES: readonly Judge[] = [
  ours,
  fixed(2, 0),
  fixed(3, 4),
  fixed(5, 4),
  mannWhitney(60, 1),
  mannWhitney(10, 1),
  mannWhitney(60, 1.5),
  asymptotic(0.05, 5000),
  asymptotic(0.01, 5000),
  asymptotic(0.01, 1_000_000),
];

export interface Tally {
  readonly judge: string;
  /** Share of runs that were rolled back, and the mean minute at which they were. */
  readonly rolledBack: number;
  readonly meanMinute: number | null;
}

/** The same stories through every judge. */
export function compare(kind: FleetKind, shape: Shape, times: number, runs: number): readonly Tally[] {
  const found = JUDGES.map(() => ({ rolledBack: 0, minutes: 0 }));
  for (let run = 1; run <= runs; run++) {
    const story = storyOf(kind, shape, times, run);
    for (const [index, { judge }] of JUDGES.entries()) {
      const at = judge(story, shape);
      const tally = found[index];
      if (at === null || tally === undefined) continue;
      tally.rolledBack++;
      tally.minutes += at + 1;
    }
  }
  return found.map(({ rolledBack, minutes }, index) => ({
    judge: JUDGES[index]?.name ?? '',
    rolledBack: rolledBack / runs,
    meanMinute: rolledBack === 0 ? null : minutes / rolledBack,
  }));
}
