/**
 * Why a command is not carried out: a closed list of named data. A refusal is an answer, not a fault. The order is the order
 * of precedence: where several apply, the first is said first, and a plan lists them all.
 */
export const REFUSAL_CODES = [
  'malformed', // the request cannot be read
  'forbidden', // whoever asks has not the role for it
  'unknown-service',
  'unknown-role',
  'unknown-slot',
  'unknown-change',
  'unknown-pipeline',
  'unknown-rollout',
  'unknown-stage',
  'unknown-metric',
  'unknown-kind',
  'unknown-token',
  'unknown-key',
  'unknown-freeze',
  'unknown-catalog',
  'unknown-target',
  'content-too-large',
  'content-invalid', // fails the slot's schema
  'change-differs', // the same content is registered, and says otherwise whether it can be undone
  'freeze-invalid', // its rule cannot be read, or it comes to nothing
  'rule-invalid', // law 16: a pipeline's rule cannot be read, has a name that is not known, or may cost too much
  'selector-matches-nobody',
  'label-missing', // law 16: a target could not fill in a template
  'no-capacity', // law 11: a failure domain has no room for one more
  'traffic-unknown', // law 16: steps are to go by traffic, and nobody knows it
  'step-too-large', // law 16: more would open at once than the pipeline allows
  'metric-unfit', // law 16: a check of a kind that can make nothing of its metric
  'metric-without-data', // law 16: a check whose metric returns nothing on the baseline
  'sick-baseline', // law 16: untouched targets are far worse than they usually are
  'quarantined', // law 18
  'line-halted',
  'frozen', // law 14
  'approval-missing', // law 15, law 6
  'needs-another-person', // law 15: nobody approves their own
  'rule-refused', // a rule of the pipeline is not met, or cannot be evaluated
  'rollout-in-progress', // law 13
  'rollout-ended',
  'already-in-force', // the change is the last known good already
  'no-way-back', // law 5: targets hold what cannot be undone
  'no-evidence', // law 2
  'not-possible-now', // the command has no meaning in the rollout's present phase
  'name-taken', // another connected target of the service has this name
  'in-use', // something refers to it
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** The condition with the values in it: what was wrong and where. */
  readonly says: string;
  /** What to do about it, when there is something to do. */
  readonly remedy?: string;
}
