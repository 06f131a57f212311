export type MetricFaultCode =
  /** Nothing answers where the source should be. */
  | 'source-down'
  /** It answers too late, or with what is long past. */
  | 'source-slow'
  /** Its times cannot be right: they lie ahead of ours, or run backwards. */
  | 'clock-skew'
  /** It answers with an error, or with what cannot be read. */
  | 'source-error';

/** Why nothing can be said of a metric at the moment. It is a verdict of its own: never a pass. */
export interface MetricFault {
  readonly code: MetricFaultCode;
  /** What was wrong, where, and what to do, in one sentence without secrets. */
  readonly says: string;
}
