import { type CheckJudge, judgeOf } from '../../src/core/analysis/checkJudge.ts';
import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import { PastBook } from '../../src/core/analysis/pastBook.ts';
import type { TargetSample } from '../../src/core/analysis/targetSample.ts';

/** There is one role, with no name. */
const ROLE = '';

/** Checks on one role, window after window, each with its evidence for itself: what a `RolloutJudge` puts on one budget. */
export class Judging {
  readonly #asked: readonly { readonly check: CheckSpec; readonly judge: CheckJudge }[];
  readonly #book: PastBook;
  readonly #windowMs: number;
  #at = 0;
  #began = false;

  constructor(checks: readonly CheckSpec[], windowMs = 60_000) {
    this.#asked = checks.map((check) => ({ check, judge: judgeOf(check) }));
    this.#book = new PastBook(windowMs);
    this.#windowMs = windowMs;
    for (const check of checks) this.#book.follow(ROLE, check);
  }

  /** A stage begins that is to bake for so many windows. */
  begin(horizon: number): void {
    this.#began = true;
    for (const { check, judge } of this.#asked)
      judge.begin({ check: check.name, role: ROLE, ...judge.noiseOf(this.#book, ROLE, horizon) });
  }

  observe(samples: readonly TargetSample[]): void {
    this.#at += this.#windowMs;
    if (this.#began) for (const { judge } of this.#asked) judge.see(judge.compare(this.#book, ROLE, samples));
    this.#book.learn(this.#at, ROLE, samples);
  }

  /** Nats for harm, of each check. */
  harm(): readonly number[] {
    return this.#asked.map(({ judge }) => judge.harm());
  }
}
