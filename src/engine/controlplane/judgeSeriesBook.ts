import type { Verdict } from '../../core/analysis/verdict.ts';
import type { Instant } from '../../core/kernel/instant.ts';

/** What one check said of one role when a window was over. Plain data, to plot. */
export interface JudgedPoint {
  readonly at: Instant;
  readonly stage: number;
  readonly outcome: Verdict['outcome'];
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly margin: number;
  readonly treated: number | null;
  readonly untouched: number | null;
  readonly exposure: number;
  readonly harm: number;
  readonly noHarm: number;
  readonly spent: number;
}

/** How one check went on one role, oldest first. */
export interface JudgedSeries {
  readonly check: string;
  readonly role: string;
  readonly unit: Verdict['unit'];
  readonly points: readonly JudgedPoint[];
}

/** A series that gets longer is thinned to half: what is far away needs fewer points. */
const MOST_POINTS = 500;

interface Line {
  readonly check: string;
  readonly role: string;
  readonly unit: Verdict['unit'];
  points: JudgedPoint[];
  /** How many there were; one of `every` stays, and the newest until the next one. */
  count: number;
  every: number;
  isNewestToStay: boolean;
}

/** The series of one rollout, each bounded in length, the newest point always there. */
export class JudgeSeriesBook {
  readonly #lines = new Map<string, Line>();

  take({ check, role, unit }: Pick<Line, 'check' | 'role' | 'unit'>, point: JudgedPoint): void {
    const key = `${check}\n${role}`;
    const line = this.#lines.get(key) ?? { check, role, unit, points: [], count: 0, every: 1, isNewestToStay: true };
    this.#lines.set(key, line);
    if (!line.isNewestToStay) line.points.pop();
    line.points.push(point);
    line.isNewestToStay = line.count++ % line.every === 0;
    if (line.points.length <= MOST_POINTS || !line.isNewestToStay) return;
    line.points = line.points.filter((_, index) => index % 2 === 0);
    line.every *= 2;
  }

  get series(): readonly JudgedSeries[] {
    return [...this.#lines.values()].map(({ check, role, unit, points }) => ({ check, role, unit, points }));
  }
}

export function pointOf(verdict: Verdict, at: Instant, stage: number): JudgedPoint {
  const { outcome, estimate, lower, upper, margin, treated, untouched, evidence, spent } = verdict;
  const [level, other] = [treated.level, untouched.level];
  const arms = { treated: level, untouched: other, exposure: treated.exposure };
  return { at, stage, outcome, estimate, lower, upper, margin, ...arms, ...evidence, spent };
}
