import type { Instant } from '../kernel/instant.ts';
import type { TargetSample } from './checkJudge.ts';
import { type Finding, type JudgePolicy, RolloutJudge } from './rolloutJudge.ts';

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
  readonly findings: readonly Finding[];
}

export interface SeriesOptions {
  readonly windowMs: number;
  /** How many windows a stage is to bake for: noise that lasts so long is reckoned with. */
  readonly horizon: number;
}

/**
 * Judges a recorded series as if it were happening: window after window, in the order of time, knowing nothing of what comes. A stage
 * begins whenever targets are treated that were not before. Yields a look for each window from the first treated one on; a rollback does not end it.
 */
export function* judgeSeries(
  figures: readonly SeriesFigure[],
  policy: JudgePolicy,
  { windowMs, horizon }: SeriesOptions,
): Generator<SeriesLook> {
  const judge = new RolloutJudge(policy);
  const reached = new Set<string>();
  for (const [start, samples] of windowsOf(figures, windowMs)) {
    const treated = samples.filter((sample) => sample.treated);
    const grown = treated.some(({ target }) => !reached.has(target));
    for (const { target } of treated) reached.add(target);
    if (grown) judge.begin(horizon);
    judge.observe(samples);
    if (reached.size === 0) continue;
    yield {
      at: start + windowMs,
      treatedTargets: treated.length,
      untouchedTargets: samples.length - treated.length,
      spent: judge.spent,
      findings: judge.findings(),
    };
  }
}

/** A target that changes arms within a window counts as treated in all of it. */
function windowsOf(figures: readonly SeriesFigure[], windowMs: number): readonly [Instant, readonly TargetSample[]][] {
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
