import type { RatioQuestion } from '../question.ts';
import type { TargetSample } from '../targetSample.ts';
import { FleetPast, type GroupRow, type TargetWindow } from './fleetPast.ts';
import { quantileOf } from './quantileSamples.ts';

export interface RatioRow extends GroupRow {
  /** What was usual in that window, where events are values above it. */
  readonly usual?: number;
}

/** The past of one ratio question on one role. */
export class RatioPast {
  readonly fleet: FleetPast;
  readonly #question: RatioQuestion;
  #usual: number | null = null;

  constructor(question: RatioQuestion, longest: number) {
    this.#question = question;
    this.fleet = new FleetPast(longest);
  }

  /** One window of targets that hold what they have long held; `null` when none of them reported it. */
  learn(untouched: readonly TargetSample[]): RatioRow | null {
    const usual = this.usualIn(untouched);
    const windows = countsOf(this.#question, untouched, usual);
    if (windows.length === 0) return null;
    this.#usual = usual;
    const row = this.fleet.add(windows);
    return usual === null ? row : { ...row, usual };
  }

  append(row: RatioRow): void {
    this.#usual = row.usual ?? this.#usual;
    this.fleet.append(row);
  }

  /** What untouched targets of this window say is usual, and where there are none, what they last said. */
  usualIn(untouched: readonly TargetSample[]): number | null {
    const { slowest } = this.#question;
    if (slowest === null) return null;
    const figures = untouched.flatMap(({ values }) => {
      const found = values.get(slowest.metric);
      return found === undefined ? [] : [found];
    });
    return quantileOf(figures, slowest.quantile) ?? this.#usual;
  }
}

/** What each target counted; without those that did not report it, and without all where nobody knows what is usual. */
export function countsOf(
  question: RatioQuestion,
  samples: readonly TargetSample[],
  limit: number | null,
): readonly TargetWindow[] {
  if (question.slowest !== null && limit === null) return [];
  return samples.flatMap((sample) => {
    const count = question.count(sample, limit ?? Number.NaN);
    return count === null ? [] : [{ target: sample.target, ...count }];
  });
}
