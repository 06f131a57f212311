import { type Calibration, calibrationOf } from './calibration.ts';
import { type Dispersion, dispersionOf, type GroupPast, pastBlocks } from './dispersion.ts';
import { spreadOf } from './levels.ts';

/** What one target counted in one window. */
export interface TargetWindow {
  readonly target: string;
  readonly events: number;
  readonly exposure: number;
}

/** What one window adds to the past: events and exposure of each group of targets. Plain data. */
export interface GroupRow {
  readonly events: readonly number[];
  readonly exposure: readonly number[];
}

/** What is known of each target, and of all of them together. Plain data. */
export interface FleetLevels {
  /** What it counted, what it would have counted were it like all others, and its group. */
  readonly targets: Readonly<Record<string, readonly [events: number, expected: number, group: number]>>;
  readonly events: number;
  readonly exposure: number;
  readonly windows: number;
}

/** Groups are big enough to be steady and many enough for a variance. */
const GROUPS = 32;
/** Where nothing is known, targets are taken to differ by some 70 %; that counts as much as what so many of them show. */
export const GUESSED_SPREAD = 0.5;
export const GUESSED_TARGETS = 4;

/**
 * What the targets of one role did while nothing was changed on them: the yardstick of every comparison. Two figures are kept for
 * each target (its own past), and one a window for each of {@link GROUPS} groups, so that a fleet of a hundred thousand fits.
 */
export class FleetPast {
  readonly #targets = new Map<string, { events: number; expected: number; readonly group: number }>();
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
  add(samples: Iterable<TargetWindow>): GroupRow {
    const seen = [...samples];
    const rate = rateIn(seen);
    const [events, exposure]: [number[], number[]] = [[], []];
    for (const { target, events: counted, exposure: own } of seen) {
      let past = this.#targets.get(target);
      if (past === undefined) {
        past = { events: 0, expected: 0, group: this.#targets.size % GROUPS };
        this.#targets.set(target, past);
      }
      past.events += counted;
      past.expected += own * rate;
      events[past.group] = (events[past.group] ?? 0) + counted;
      exposure[past.group] = (exposure[past.group] ?? 0) + own;
    }
    const row = { events: Array.from(events, (sum) => sum ?? 0), exposure: Array.from(exposure, (sum) => sum ?? 0) };
    this.append(row);
    return row;
  }

  /** A row that {@link add} once gave; the targets' own pasts come with {@link restore}. */
  append({ events, exposure }: GroupRow): void {
    const kept = Math.min(this.#windows, this.#longest);
    this.#windows++;
    for (const [rows, amounts] of [
      [this.#events, events],
      [this.#exposure, exposure],
    ] as const) {
      while (rows.length < amounts.length) rows.push(new Array<number>(kept).fill(0));
      for (const [group, row] of rows.entries()) {
        row.push(amounts[group] ?? 0);
        if (row.length > this.#longest) row.shift();
      }
    }
    for (const sum of events) this.#totalEvents += sum;
    for (const sum of exposure) this.#totalExposure += sum;
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

  /**
   * How badly this target's level is known: the variance of what it may truly be, as a share of its square. What it counted tells it, and
   * how much the targets differ; of that a guess is made as well, for a few targets or a short past say little about it.
   */
  doubtOf(target: string, dispersion: number): number {
    this.#spread ??= spreadOf([...this.#targets.values()]);
    const known = this.#targets.size;
    const spread = (known * this.#spread + GUESSED_TARGETS * GUESSED_SPREAD) / (known + GUESSED_TARGETS);
    return 1 / ((this.#targets.get(target)?.events ?? 0) / dispersion + 1 / spread);
  }

  /** Its level is the one of all again, until it is got to know. */
  forget(target: string): void {
    const past = this.#targets.get(target);
    if (past !== undefined) this.#targets.set(target, { ...past, events: 0, expected: 0 });
  }

  knows(target: string): boolean {
    return this.#targets.has(target);
  }

  /** Events for each unit of exposure, over everything seen; `null` before there was any exposure. */
  get rate(): number | null {
    return this.#totalExposure > 0 ? this.#totalEvents / this.#totalExposure : null;
  }

  get windows(): number {
    return this.#windows;
  }

  /** Of how many windows the groups' figures are kept. */
  get kept(): number {
    return this.#events[0]?.length ?? 0;
  }

  /** Of at most `count` windows from the `from`-th on and before the `until`-th what all counted, and where one would go on. */
  between(
    from: number,
    until: number,
    count: number,
  ): { readonly events: number; readonly exposure: number; next: number } {
    const oldest = this.#windows - (this.#events[0]?.length ?? 0);
    const first = Math.max(from, oldest);
    const next = Math.max(first, Math.min(until, first + count));
    let [events, exposure] = [0, 0];
    for (const row of this.#events) for (let at = first; at < next; at++) events += row[at - oldest] ?? 0;
    for (const row of this.#exposure) for (let at = first; at < next; at++) exposure += row[at - oldest] ?? 0;
    return { events, exposure, next };
  }

  /**
   * What all together counted for each unit of exposure, in pieces of so many windows, the oldest first; without pieces in which they could
   * count nothing, and without the newest windows.
   */
  rates(length: number, newest = 0): readonly number[] {
    const kept = this.kept;
    const oldest = this.#windows - kept;
    const rates: number[] = [];
    for (let start = 0; start + length <= kept - newest; start += length) {
      const { events, exposure } = this.between(oldest + start, this.#windows, length);
      if (exposure > 0) rates.push(events / exposure);
    }
    return rates;
  }

  dispersion(horizon: number): Dispersion {
    return dispersionOf(this.#groups, horizon);
  }

  /** How often evidence of harm would have come to so much in this past, in which nothing was changed. */
  calibration(dispersion: Dispersion): Calibration {
    return calibrationOf(pastBlocks(this.#groups, dispersion.length), dispersion);
  }

  get #groups(): readonly GroupPast[] {
    return this.#events.map((events, index) => ({ events, exposure: this.#exposure[index] ?? [] }));
  }

  levels(): FleetLevels {
    const targets = [...this.#targets].map(([target, { events, expected, group }]) => {
      const figures: readonly [number, number, number] = [events, expected, group];
      return [target, figures] as const;
    });
    return {
      targets: Object.fromEntries(targets),
      events: this.#totalEvents,
      exposure: this.#totalExposure,
      windows: this.#windows,
    };
  }

  restore(levels: FleetLevels): void {
    this.#targets.clear();
    for (const [target, [events, expected, group]] of Object.entries(levels.targets))
      this.#targets.set(target, { events, expected, group });
    this.#totalEvents = levels.events;
    this.#totalExposure = levels.exposure;
    this.#windows = levels.windows;
    this.#spread = null;
  }
}

function rateIn(seen: readonly TargetWindow[]): number {
  let [events, exposure] = [0, 0];
  for (const sample of seen) {
    events += sample.events;
    exposure += sample.exposure;
  }
  return exposure > 0 ? events / exposure : 0;
}
