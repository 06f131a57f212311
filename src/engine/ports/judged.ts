import type { Calibration } from '../../core/analysis/ratio/calibration.ts';
import type { Verdict } from '../../core/analysis/verdict.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';

/** What one check said of one role when a window was over. Plain data, to plot. */
export interface JudgedPoint {
  /** End of the window. */
  readonly at: Instant;
  readonly stage: number;
  readonly outcome: Verdict['outcome'];
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly margin: number;
  /** Levels of the arms, and the exposure of the treated one. */
  readonly treated: number | null;
  readonly untouched: number | null;
  readonly exposure: number;
  /** Nats. */
  readonly harm: number;
  readonly noHarm: number;
  /** Part of the rollout's budget. */
  readonly spent: number;
}

/** How one check went on one role, oldest first. */
export interface JudgedSeries {
  readonly check: string;
  readonly role: string;
  readonly unit: Verdict['unit'];
  readonly points: readonly JudgedPoint[];
  /** What the judge would have said of the fleet's own past; `null`: it is not asked any more. */
  readonly calibration: Calibration | null;
}

/** How the checks of one rollout went, window by window. */
export interface JudgedRollout {
  readonly rollout: string;
  /** Figures of so long are judged together. */
  readonly windowMs: DurationMs;
  /** At most some hundred points each: of a long rollout every second, fourth, … window. */
  readonly series: readonly JudgedSeries[];
}
