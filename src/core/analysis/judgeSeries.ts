import type { Instant } from '../kernel/instant.ts';
import { PastBook } from './pastBook.ts';
import { type JudgePolicy, RolloutJudge } from './rolloutJudge.ts';
import type { TargetSample } from './targetSample.ts';
import type { Verdict } from './verdict.ts';

/** One recorded figure of one target at one time. */
export interface SeriesFigure {
  readonly at: Instant;
  readonly treated: boolean;
  readonly target: string;
  readonly metric: string;
  readonly value: number;
}

export interface SeriesLook {
  /** End of the window. */
  readonly at: Instant;
  readonly treatedTargets: number;
  readonly untouchedTargets: number;
  /** Part of the budget that is spent; 1 and more rolls back. */
  readonly spent: number;
  readonly verdicts: readonly Verdict[];
}

export interface SeriesOptions {
  readonly windowMs: number;
  /** How many windows a stage is to bake for: noise that lasts so long is reckoned with. */
  readonly horizon: number;
}

/** A series knows of one role, and it has no name. */
const ROLE = '';

/**
 * Judges a recorded series as if it were happening: window after window, in the order of time, knowing nothing of what comes. A stage
 * begins whenever targets are treated that were not before. Yields a look for each window from the first treated one on; a rollback does not end it.
 */
export function* judgeSeries(
  figures: readonly SeriesFigure[],
  policy: JudgePolicy,
  { windowMs, horizon }: SeriesOptions,
): Generator<SeriesLook> {
  const judge = new RolloutJudge(policy, { changed: [ROLE] });
  const book = new PastBook(windowMs);
  for (const check of policy.checks) book.follow(ROLE, check);
  /** The stage in which each target was reached. */
  const reached = new Map<string, number>();
  for (const [start, seen] of windowsOf(figures, windowMs)) {
    const isNew = ({ treated, target }: RawSample) => treated && !reached.has(target);
    const stage = seen.some(isNew) ? judge.stage + 1 : judge.stage;
    for (const { target } of seen.filter(isNew)) reached.set(target, stage);
    if (stage > judge.stage) judge.begin(start, stage, horizon, () => book);
    const samples = seen.map(
      (sample): TargetSample => ({
        ...sample,
        inStage: sample.treated && reached.get(sample.target) === stage,
        minutes: windowMs / 60_000,
      }),
    );
    const at = start + windowMs;
    judge.observe({ at, role: ROLE, samples }, book);
    book.learn(at, ROLE, samples);
    if (reached.size === 0) continue;
    const treatedTargets = samples.filter(({ treated }) => treated).length;
    yield {
      at,
      treatedTargets,
      untouchedTargets: samples.length - treatedTargets,
      spent: judge.spent,
      verdicts: judge.verdicts(),
    };
  }
}

type RawSample = Pick<TargetSample, 'target' | 'treated' | 'values'>;

/** A target that changes arms within a window counts as treated in all of it. */
function windowsOf(figures: readonly SeriesFigure[], windowMs: number): readonly [Instant, readonly RawSample[]][] {
  const windows = new Map<Instant, Map<string, { treated: boolean; values: Map<string, number[]> }>>();
  for (const { at, treated, target, metric, value } of figures) {
    const start = Math.floor(at / windowMs) * windowMs;
    let window = windows.get(start);
    if (window === undefined) {
      window = new Map();
      windows.set(start, window);
    }
    let sample = window.get(target);
    if (sample === undefined) {
      sample = { treated, values: new Map() };
      window.set(target, sample);
    }
    sample.treated ||= treated;
    const values = sample.values.get(metric);
    if (values === undefined) sample.values.set(metric, [value]);
    else values.push(value);
  }
  return [...windows.entries()]
    .sort(([a], [b]) => a - b)
    .map(([start, window]) => [start, [...window].map(([target, sample]) => ({ target, ...sample }))]);
}
