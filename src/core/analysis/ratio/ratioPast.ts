import type { Worse } from '../margin.ts';
import type { RatioQuestion } from '../question.ts';
import { SickBaseline, type Sickness, sickLevelIn, type Usual, usualOf } from '../sickBaseline.ts';
import { Strays, standingOut } from '../strays.ts';
import type { TargetSample } from '../targetSample.ts';
import type { Dispersion } from './dispersion.ts';
import { FleetPast, type GroupRow, type TargetWindow } from './fleetPast.ts';
import { quantileOf } from './quantileSamples.ts';
import { strayNats } from './strayNats.ts';

export interface RatioRow extends GroupRow {
  /** What was usual in that window, where events are values above it. */
  readonly usual?: number;
}

/** The past of one ratio question on one role. */
export class RatioPast {
  readonly fleet: FleetPast;
  readonly #question: RatioQuestion;
  readonly #sick = new Strays();
  #usual: number | null = null;
  /** What was usual in each window that is kept, where events are values above it. */
  readonly #usuals: number[] = [];
  readonly #longest: number;
  #dispersion: { readonly horizon: number; readonly windows: number; readonly found: Dispersion } | null = null;

  constructor(question: RatioQuestion, longest: number) {
    this.#question = question;
    this.#longest = longest;
    this.fleet = new FleetPast(longest);
  }

  /** One window of targets that hold what they have long held; `null` when none of them reported it. */
  learn(untouched: readonly TargetSample[]): RatioRow | null {
    const usual = this.usualIn(untouched);
    if (usual === Number.POSITIVE_INFINITY) return null;
    const windows = countsOf(this.#question, untouched, usual);
    if (windows.length === 0) return null;
    const { kept, left, sums } = this.sift(windows);
    for (const target of this.#sick.take(sums, left)) this.fleet.forget(target);
    this.#remember(usual);
    const row = this.fleet.add(kept);
    return usual === null ? row : { ...row, usual };
  }

  append(row: RatioRow): void {
    this.#remember(row.usual ?? null);
    this.fleet.append(row);
  }

  #remember(usual: number | null): void {
    if (usual === null) return;
    this.#usual = usual;
    this.#usuals.push(usual);
    if (this.#usuals.length > this.#longest) this.#usuals.shift();
  }

  /** What all together usually did in as long as a bake of so many windows; `null` where there is too little past. */
  usualLevels(horizon: number): Usual | null {
    if (this.#question.slowest !== null) return usualOf(this.#usuals);
    const length = Math.max(1, Math.min(horizon, Math.floor(this.fleet.windows / 24)));
    return usualOf(this.fleet.rates(length));
  }

  /** What untouched targets of this window say is usual, and where there are none, what they last said; infinite where their sketches cannot tell. */
  usualIn(untouched: readonly TargetSample[]): number | null {
    const { slowest } = this.#question;
    if (slowest === null) return null;
    const figures = untouched.flatMap(({ target, values }) => {
      const found = values.get(slowest.metric);
      return found === undefined || this.#sick.isOut(target) ? [] : [found];
    });
    return quantileOf(figures, slowest.quantile) ?? this.#usual;
  }

  /** Whether all of them are far worse now than they ever were: the newest windows against the rest; `null` where they are not, or nobody knows. */
  sickness(worse: Worse): Sickness | null {
    const newest = Math.min(NEWEST, this.fleet.kept >> 2);
    if (this.#question.slowest !== null) return sickLevelIn(this.#usuals, newest, 'higher');
    const length = Math.max(1, Math.floor((this.fleet.kept - newest) / 24));
    const usual = usualOf(this.fleet.rates(length, newest));
    if (usual === null) return null;
    const { factor } = this.dispersion(NEWEST);
    for (const side of worse === 'either' ? (['higher', 'lower'] as const) : [worse]) {
      const baseline = new SickBaseline(side);
      for (let back = newest; back > 0; back--) {
        const at = this.fleet.windows - back;
        const { events, exposure } = this.fleet.between(at, at + 1, 1);
        baseline.see(events, exposure, usual, factor);
      }
      if (baseline.sickness !== null) return baseline.sickness;
    }
    return null;
  }

  /** How far counts stray over as long as a bake of so many windows. It is read anew when the past has grown by a twentieth. */
  dispersion(horizon: number): Dispersion {
    const { windows } = this.fleet;
    const last = this.#dispersion;
    if (last !== null && last.horizon === horizon && windows * 20 <= last.windows * 21) return last.found;
    const found = this.fleet.dispersion(horizon);
    this.#dispersion = { horizon, windows, found };
    return found;
  }

  /** What a rollout that is under way reckons with, for a past that was taken up again in the meantime. */
  reckonWith(found: Dispersion): void {
    this.#dispersion ??= { horizon: 0, windows: 0, found };
  }

  /**
   * Without untouched targets that are surely sick: that count more than {@link SICK} times what they used to, the others taken for the
   * yardstick. One of them could hide harm in all the treated ones. Where nobody is sick all stay, but for a small probability (strays.ts): so the
   * evidence is what it would be without this, but for as small a one. Nothing is left out before the noise was read for a first rollout.
   */
  sift(untouched: readonly TargetWindow[]): Sifted {
    const dispersion = this.#dispersion?.found;
    const none = { kept: untouched, left: [], sums: NOBODY };
    if (dispersion === undefined || dispersion.blocks === 0 || untouched.length < FEWEST_TO_SIFT) return none;
    const expected = untouched.map(({ target, exposure }) => exposure * this.fleet.levelOf(target));
    const all = { events: 0, expected: 0 };
    for (const [index, { events }] of untouched.entries()) {
      all.events += events;
      all.expected += expected[index] ?? 0;
    }
    const sums = this.#sick.after(
      untouched.flatMap(({ target, events, exposure }, index) => {
        const own = { target, events, exposure, expected: expected[index] ?? 0 };
        const others = { events: all.events - events, expected: all.expected - own.expected };
        if (this.#sick.isQuiet(target) && events * others.expected <= SICK * others.events * own.expected) return [];
        return [[target, strayNats(own, others, [{ tolerance: SICK, margin: 0 }], SICK, dispersion.factor)] as const];
      }),
    );
    const left = standingOut(sums, untouched.length);
    if (left.length === 0) return { ...none, sums };
    return { kept: untouched.filter(({ target }) => !left.includes(target)), left, sums };
  }
}

export interface Sifted {
  readonly kept: readonly TargetWindow[];
  readonly left: readonly string[];
  readonly sums: ReadonlyMap<string, number>;
}

/** Windows in which it is looked for sickness before a rollout begins. */
const NEWEST = 60;
const NOBODY: ReadonlyMap<string, number> = new Map();
const SICK = 2;
/** Of two that differ nobody can say which is the sick one. */
const FEWEST_TO_SIFT = 3;

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
