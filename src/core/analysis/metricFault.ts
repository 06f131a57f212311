export const METRIC_FAULTS = [
  'source-down', // nothing answers where the source should be
  'source-slow', // it answers too late, or with what is long past
  'clock-skew', // its times cannot be right: they lie ahead of ours, or run backwards
  'source-error', // it answers with an error, or with what cannot be read
] as const;

export type MetricFaultCode = (typeof METRIC_FAULTS)[number];

/** Why nothing can be said of a metric at the moment. It is a verdict of its own: never a pass. */
export interface MetricFault {
  readonly code: MetricFaultCode;
  /** What was wrong, where, and what to do, in one sentence without secrets. */
  readonly says: string;
}
