import { type Dispersion, dispersionOf } from './dispersion.ts';
import { spreadOf } from './levels.ts';

/** What one target counted in one window. */
export interface TargetWindow {
  readonly target: string;
  readonly events: number;
  readonly exposure: number;
}

/** Groups are big enough to be steady and many enough for a variance. */
const GROUPS = 32;

/**
 * What the targets of one role did while nothing was changed on them: the yardstick of every comparison. Two figures are kept for
 * each target (its own past), and one a window for each of {@link GROUPS} groups, so that a fleet of a hundred thousand fits.
 */
export class FleetPast {
  readonly #targets = new Map<string, { events: number; expected: number; group: number }>();
  readonly #events: number[][] = [];
  readonly #exposure: number[][] = [];
  readonly #longest: number;
  #totalEvents = 0;
  #totalExposure = 0;
  #windows = 0;
  #spread: number | null = null;

  /** Of the groups so many windows are kept; older ones are forgotten. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** One window of targets that hold what they have long held. */
  add(samples: Iterable<TargetWindow>): void {
    let events = 0;
    let exposure = 0;
    const seen = [...samples];
    for (const sample of seen) {
      events += sample.events;
      exposure += sample.exposure;
    }
    for (const row of this.#events) row.push(0);
    for (const row of this.#exposure) row.push(0);
    this.#windows++;
    const rate = exposure > 0 ? events / exposure : 0;
    for (const { target, events: counted, exposure: own } of seen) {
      let past = this.#targets.get(target);
      if (past === undefined) {
        past = { events: 0, expected: 0, group: this.#targets.size % GROUPS };
        this.#targets.set(target, past);
      }
      past.events += counted;
      past.expected += own * rate;
      for (const [rows, amount] of [
        [this.#events, counted],
        [this.#exposure, own],
      ] as const) {
        rows[past.group] ??= new Array<number>(Math.min(this.#windows, this.#longest + 1)).fill(0);
        const row = rows[past.group] ?? [];
        row[row.length - 1] = (row.at(-1) ?? 0) + amount;
      }
    }
    if (this.#windows > this.#longest) for (const row of [...this.#events, ...this.#exposure]) row.shift();
    this.#totalEvents += events;
    this.#totalExposure += exposure;
    this.#spread = null;
  }

  /** How this target differs from the others, as a factor about 1; 1 for one that nobody has seen before. */
  levelOf(target: string): number {
    const past = this.#targets.get(target);
    if (past === undefined) return 1;
    this.#spread ??= spreadOf([...this.#targets.values()]);
    const strength = 1 / this.#spread;
    return (past.events + strength) / (past.expected + strength);
  }

  /** Events for each unit of exposure, over everything seen; `null` before there was any exposure. */
  get rate(): number | null {
    return this.#totalExposure > 0 ? this.#totalEvents / this.#totalExposure : null;
  }

  get windows(): number {
    return this.#windows;
  }

  dispersion(horizon: number): Dispersion {
    const groups = this.#events.map((events, index) => ({ events, exposure: this.#exposure[index] ?? [] }));
    return dispersionOf(groups, horizon);
  }
}
