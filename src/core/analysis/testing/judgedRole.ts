import type { CheckSpec } from '../checkSpec.ts';
import type { JudgeRecord } from '../judgeRecord.ts';
import type { MetricFault } from '../metricFault.ts';
import { PastBook, type PastRecord } from '../pastBook.ts';
import { RolloutJudge, USUAL_MISS_RATE } from '../rolloutJudge.ts';
import type { TargetSample } from '../targetSample.ts';

export const ROLE = 'web';
export const WINDOW_MS = 60_000;
const BUDGET = 0.01;
const nameOf = (target: string) => target.toUpperCase();

/** For tests: a judge of one role with its past, and everything that it and the past wrote down. */
export class JudgedRole {
  judge: RolloutJudge;
  book: PastBook;
  readonly records: JudgeRecord[] = [];
  readonly past: PastRecord[] = [];
  readonly #checks: readonly CheckSpec[];
  #at = 0;

  constructor(checks: readonly CheckSpec[], book = new PastBook(WINDOW_MS)) {
    this.#checks = checks;
    this.book = book;
    this.judge = this.fresh();
    for (const check of checks) this.book.follow(ROLE, check);
  }

  /** A judge of the same that has seen nothing. */
  fresh(): RolloutJudge {
    return new RolloutJudge(
      { checks: this.#checks, budget: BUDGET, missRate: USUAL_MISS_RATE },
      { changed: [ROLE], nameOf },
    );
  }

  /** Everything is taken up again from what was written down, as a store gives it back. */
  restart(): void {
    this.judge = this.fresh();
    for (const record of stored(this.records)) this.judge.replay(record);
    const book = new PastBook(WINDOW_MS);
    for (const record of stored([...this.past, ...this.book.levels(this.#at)])) book.replay(record);
    for (const check of this.#checks) book.follow(ROLE, check);
    this.book = book;
  }

  /** A window of the past. */
  learn(samples: readonly TargetSample[]): void {
    this.#at += WINDOW_MS;
    this.past.push(...this.book.learn(this.#at, ROLE, samples));
  }

  begin(horizon: number): void {
    this.records.push(this.judge.begin(this.#at, this.judge.stage + 1, horizon, () => this.book));
  }

  /** A window that is judged, and then past. */
  see(samples: readonly TargetSample[], faults: ReadonlyMap<string, MetricFault> = new Map()): void {
    this.records.push(...this.judge.observe({ at: this.#at + WINDOW_MS, role: ROLE, samples, faults }, this.book));
    this.learn(samples);
  }
}

/** As a store gives it back. */
export function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
