import type { Instant } from '../kernel/instant.ts';
import type { MeanWindow } from './mean/meanJudge.ts';
import type { MeanNoise } from './mean/meanPast.ts';
import type { MetricFault } from './metricFault.ts';
import type { RatioNoise, RatioWindow } from './ratio/ratioJudge.ts';

/**
 * `treated`: no treated target has ever reported it. `report`: those that did report it no more, while untouched targets go on; `silence`: and
 * neither does anybody else. `movement`: all report it, and nothing was counted. `control`: neither an untouched target nor a past. `buckets`: what
 * is to be told lies above the last bound of the sketches.
 */
export type Lack = 'treated' | 'report' | 'silence' | 'movement' | 'control' | 'buckets';

interface OfCheck {
  readonly check: string;
  /** As in the verdict: of a check of a dependent service `SERVICE/ROLE`. */
  readonly role: string;
}

/** How far figures stray without a change, fixed for a stage before it is judged. */
export type Noise =
  | (OfCheck & { readonly family: 'ratio'; readonly noise: RatioNoise })
  | (OfCheck & { readonly family: 'mean'; readonly noise: MeanNoise });

/** A stage began. */
export interface StageBegan {
  readonly kind: 'began';
  readonly at: Instant;
  readonly stage: number;
  /** For how many windows it is to bake. */
  readonly horizon: number;
  readonly noise: readonly Noise[];
}

/** What entered the evidence of one check on one role in one window. */
export interface WindowSeen extends OfCheck {
  readonly kind: 'seen';
  /** End of the window. */
  readonly at: Instant;
  /** What there was nothing of; then nothing entered. */
  readonly lacks?: Lack;
  readonly ratio?: RatioWindow;
  readonly mean?: MeanWindow;
  /** Why its metrics cannot be known now. */
  readonly fault?: MetricFault;
}

/** All that a judge knows comes from these, in their order; they are also the series to plot. Plain data. */
export type JudgeRecord = StageBegan | WindowSeen;
