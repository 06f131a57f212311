/** Five different things. Only `pass` opens anything. */
export type VerdictOutcome = 'pass' | 'fail' | 'inconclusive' | 'no-data' | 'error';

/** What a check says at one moment, with everything a person needs to believe or doubt it. Numbers, or `null` where there is none yet. */
export interface Verdict {
  readonly check: string;
  readonly role: string;
  readonly outcome: VerdictOutcome;
  /** One sentence with the figures in it. */
  readonly says: string;
  /** Treated minus untouched, in the metric's own unit, and its confidence sequence at this moment. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly margin: number;
  /** The error probability this check may spend: its share of the rollout's budget. */
  readonly alpha: number;
  readonly treated: { readonly failures: number; readonly total: number };
  readonly untouched: { readonly failures: number; readonly total: number };
  /** Events still missing on the treated arm before a verdict can be expected at the present rates; `null` when unknown, 0 when decided. */
  readonly missing: number | null;
}
