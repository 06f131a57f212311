import type { Verdict } from '../../core/analysis/verdict.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { JudgedPoint, JudgedSeries } from '../ports/judged.ts';

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

  get series(): readonly Omit<JudgedSeries, 'calibration'>[] {
    return [...this.#lines.values()].map(({ check, role, unit, points }) => ({ check, role, unit, points }));
  }
}

export function pointOf(verdict: Verdict, at: Instant, stage: number): JudgedPoint {
  const { outcome, estimate, lower, upper, margin, treated, untouched, evidence, spent } = verdict;
  const [level, other] = [treated.level, untouched.level];
  const arms = { treated: level, untouched: other, exposure: treated.exposure };
  return { at, stage, outcome, estimate, lower, upper, margin, ...arms, ...evidence, spent };
}
