import type { Instant } from '../kernel/instant.ts';
import type { MetricFaultCode } from './metricFault.ts';

/** Five different things. Only `pass` opens anything. */
export type VerdictOutcome = 'pass' | 'fail' | 'inconclusive' | 'no-data' | 'error';

/** Why there is neither a pass nor a fail, where it has a name. */
export const VERDICT_CAUSES = [
  /** Treated targets get another share of the traffic than they used to: what they serve is not what the others serve. */
  'sample-ratio',
  /** What counts was reported before, and is gone or stands still on treated targets while the others go on. */
  'dead-metric',
  /** The figures so far point somewhere, and more of them would tell. */
  'too-little-exposure',
  /** The untouched targets are far worse than they ever were: nothing can be compared with them. */
  'sick-baseline',
  /** Neither an untouched target nor a past. */
  'no-control',
  /** Some treated targets alone are beyond the margin. */
  'outliers',
  'source-down',
  'source-slow',
  'clock-skew',
  'source-error',
] as const satisfies readonly (MetricFaultCode | string)[];
export type VerdictCause = (typeof VERDICT_CAUSES)[number];

/** `share`: a part of 1; `rate`: events a target and minute; `value`: the metric's own unit. */
export type VerdictUnit = 'share' | 'rate' | 'value';

export interface VerdictArm {
  /** The share, the rate or the mean; `null` before anything was seen. */
  readonly level: number | null;
  /** Trials for shares, target-minutes for rates, windows for means. */
  readonly exposure: number;
  /** That reported in the last window. */
  readonly targets: number;
}

/** What is missing until there is a verdict, if all goes on as it has. */
export interface NextDecision {
  /** That much more exposure of the treated arm, in {@link NextDecision.of}. */
  readonly missing: number;
  /** In the plural: `requests`, `target-minutes`. */
  readonly of: string;
  /** When it will be there at this rate; `null` when that cannot be told. */
  readonly expectedAt: Instant | null;
}

/** What a check says at one moment, with everything a person needs to believe or doubt it. Plain finite numbers, or `null` where there is none yet. */
export interface Verdict {
  readonly check: string;
  /** The role it is about; of a check of a dependent service `SERVICE/ROLE`. */
  readonly role: string;
  readonly outcome: VerdictOutcome;
  readonly cause: VerdictCause | null;
  /** One sentence with the figures in it. */
  readonly says: string;
  readonly unit: VerdictUnit;
  /**
   * Treated minus untouched, in the metric's own unit, and its confidence sequence at this moment: the bound that speaks of harm is wrong with a
   * probability of at most this question's part of the budget, the one that speaks of none of at most the miss rate.
   */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** The most by which treated may be worse now, in the same unit. */
  readonly margin: number;
  /** Of all treated targets where it fails; else of those of the present stage since it began, which alone can earn its pass. */
  readonly treated: VerdictArm;
  readonly untouched: VerdictArm;
  /** `before`: nobody was left untouched, and the past stood in; the hour cannot be told from the change. */
  readonly compared: 'at-the-same-time' | 'before';
  /** In nats. Of harm over all treated targets; of none over those of the present stage. */
  readonly evidence: { readonly harm: number; readonly noHarm: number };
  /** The probability with which one whole rollout of a harmless change may be rolled back. */
  readonly alpha: number;
  /** Which part of that budget this question's evidence has come to; all of a rollout's together roll back at 1. */
  readonly spent: number;
  /** Variance over what independent counts would have, or of one target's window; from so many blocks of the past, 0: not known. */
  readonly noise: { readonly figure: number; readonly blocks: number };
  /** `null`: decided, or more like this would not tell. */
  readonly next: NextDecision | null;
  /** Names of treated targets that are beyond the margin each by itself while the most are not, the worst first; the first few of them. */
  readonly outliers: readonly string[];
  /** Untouched targets that are so sick that nothing is compared with them, likewise. */
  readonly leftOut: readonly string[];
}
