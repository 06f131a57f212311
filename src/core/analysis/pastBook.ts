import type { DurationMs, Instant } from '../kernel/instant.ts';
import { type CheckSpec, worseOf } from './checkSpec.ts';
import { type MeanLevels, MeanPast, type MeanRow, type TargetMean } from './mean/meanPast.ts';
import { type MeanQuestion, type Question, questionOf, type RatioQuestion, rateOf } from './question.ts';
import type { Calibration } from './ratio/calibration.ts';
import type { FleetLevels } from './ratio/fleetPast.ts';
import { RatioPast, type RatioRow } from './ratio/ratioPast.ts';
import type { Sickness } from './sickBaseline.ts';
import type { TargetSample } from './targetSample.ts';
import { trafficOf } from './traffic.ts';

/** So many windows of the past are kept of each question; older ones say nothing any more. */
export const PAST_WINDOWS = 2880;

interface OfQuestion {
  readonly role: string;
  readonly question: string;
}

/** What is to be kept of a past, plain data. Given back in their order to {@link PastBook.replay} they make the same past. */
export type PastRecord =
  /** One window: a few hundred figures at the most. Only the newest {@link PAST_WINDOWS} of each role and question matter. */
  | (OfQuestion & {
      readonly kind: 'ratioRow';
      readonly at: Instant;
      readonly windowMs: DurationMs;
      readonly row: RatioRow;
    })
  | (OfQuestion & {
      readonly kind: 'meanRow';
      readonly at: Instant;
      readonly windowMs: DurationMs;
      readonly row: MeanRow;
    })
  /** What is known of each target, some 40 bytes each: to be kept now and then. Only the newest of each role and question matters. */
  | (OfQuestion & { readonly kind: 'ratioLevels'; readonly at: Instant; readonly levels: FleetLevels })
  | (OfQuestion & { readonly kind: 'meanLevels'; readonly at: Instant; readonly levels: MeanLevels });

export interface Soundness {
  /** In how many windows it was measured; 0: never. */
  readonly windows: number;
  /** Whether there was anything to measure: requests that may fail, values, looks. */
  readonly moves: boolean;
  /** The targets are far worse now than they ever were: nothing should begin. */
  readonly sickness: Sickness | null;
}

interface Kept<Q extends Question, P> {
  readonly role: string;
  readonly question: Q;
  readonly past: P;
}

/**
 * What the targets of one service did while nothing was changed on them, by role and question. It is the service's: every pipeline and rollout
 * reads it, and it outlives them.
 */
export class PastBook {
  readonly windowMs: DurationMs;
  readonly #ratios = new Map<string, Kept<RatioQuestion, RatioPast>>();
  readonly #means = new Map<string, Kept<MeanQuestion, MeanPast>>();
  /** Of questions that nobody has asked since the process began. */
  readonly #unasked = new Map<string, PastRecord[]>();

  /** Windows of the past are so long. Those of another length cannot be compared with them. */
  constructor(windowMs: DurationMs) {
    this.windowMs = windowMs;
  }

  /** From now on it learns what this check asks of a role. Repeats are harmless. */
  follow(role: string, check: CheckSpec): void {
    const question = questionOf(check);
    if (question.family === 'ratio') this.ratio(role, question);
    else this.mean(role, question);
    const traffic = trafficOf(check);
    if (traffic !== null) this.ratio(role, rateOf(traffic));
  }

  /** The past of a question, which is followed from now on. */
  ratio(role: string, question: RatioQuestion): RatioPast {
    const key = keyOf(role, question.key);
    let kept = this.#ratios.get(key);
    if (kept === undefined) {
      kept = { role, question, past: new RatioPast(question, PAST_WINDOWS) };
      this.#ratios.set(key, kept);
      this.#ask(key);
    }
    return kept.past;
  }

  mean(role: string, question: MeanQuestion): MeanPast {
    const key = keyOf(role, question.key);
    let kept = this.#means.get(key);
    if (kept === undefined) {
      kept = { role, question, past: new MeanPast(PAST_WINDOWS) };
      this.#means.set(key, kept);
      this.#ask(key);
    }
    return kept.past;
  }

  /**
   * One window of a role. Only untouched targets are learned from; whoever judges the window judges it before. What it gives is to be kept
   * for {@link replay}.
   */
  learn(at: Instant, role: string, samples: readonly TargetSample[]): readonly PastRecord[] {
    const untouched = samples.filter(({ treated }) => !treated);
    const { windowMs } = this;
    const records: PastRecord[] = [];
    for (const { question, past } of of(this.#ratios, role)) {
      const row = past.learn(untouched);
      if (row !== null) records.push({ kind: 'ratioRow', role, question: question.key, at, windowMs, row });
    }
    for (const { question, past } of of(this.#means, role)) {
      const means = meansOf(question, untouched);
      if (means.length > 0)
        records.push({ kind: 'meanRow', role, question: question.key, at, windowMs, row: past.add(means) });
    }
    return records;
  }

  /** What a check can go by in this role before anything is changed, for a plan. It is followed from now on. */
  soundness(role: string, check: CheckSpec): Soundness {
    const question = questionOf(check);
    if (question.family === 'mean') {
      const past = this.mean(role, question);
      return { windows: past.windows, moves: past.windows > 0, sickness: past.sickness(worseOf(check)) };
    }
    const past = this.ratio(role, question);
    const { windows, rate } = past.fleet;
    return { windows, moves: rate !== null, sickness: past.sickness(worseOf(check)) };
  }

  /** How often a check's evidence of harm would have come to how much in the past, in which nothing was changed, judged for a bake of so many windows. */
  calibration(role: string, check: CheckSpec, horizon: number): Calibration {
    const question = questionOf(check);
    if (question.family === 'mean') return this.mean(role, question).calibration(horizon);
    const past = this.ratio(role, question);
    return past.fleet.calibration(past.dispersion(horizon));
  }

  /** What is known of each target, to be kept now and then: rows alone do not bring it back. */
  levels(at: Instant): readonly PastRecord[] {
    const ratios = [...this.#ratios.values()].map(
      ({ role, question, past }): PastRecord => ({
        kind: 'ratioLevels',
        role,
        question: question.key,
        at,
        levels: past.fleet.levels(),
      }),
    );
    const means = [...this.#means.values()].map(
      ({ role, question, past }): PastRecord => ({
        kind: 'meanLevels',
        role,
        question: question.key,
        at,
        levels: past.levels(),
      }),
    );
    return [...ratios, ...means];
  }

  /** Takes up what was kept, in its order. Rows of windows of another length are left out; levels hold all the same. */
  replay(record: PastRecord): void {
    if ('windowMs' in record && record.windowMs !== this.windowMs) return;
    const key = keyOf(record.role, record.question);
    const [ratio, mean] = [this.#ratios.get(key)?.past, this.#means.get(key)?.past];
    if (ratio === undefined && mean === undefined) {
      const waiting = this.#unasked.get(key);
      if (waiting === undefined) this.#unasked.set(key, [record]);
      else waiting.push(record);
      return;
    }
    if (record.kind === 'ratioRow') ratio?.append(record.row);
    if (record.kind === 'ratioLevels') ratio?.fleet.restore(record.levels);
    if (record.kind === 'meanRow') mean?.append(record.row);
    if (record.kind === 'meanLevels') mean?.restore(record.levels);
  }

  #ask(key: string): void {
    const waiting = this.#unasked.get(key) ?? [];
    this.#unasked.delete(key);
    for (const record of waiting) this.replay(record);
  }
}

function of<Q extends Question, P>(kept: ReadonlyMap<string, Kept<Q, P>>, role: string): readonly Kept<Q, P>[] {
  return [...kept.values()].filter((each) => each.role === role);
}

/** The mean of each target that reported it. */
export function meansOf(question: MeanQuestion, samples: readonly TargetSample[]): readonly TargetMean[] {
  return samples.flatMap((sample) => {
    const value = question.value(sample);
    return value === null ? [] : [{ target: sample.target, value }];
  });
}

function keyOf(role: string, question: string): string {
  return `${role}\n${question}`;
}
