import type { MetricFaultCode } from '../../core/analysis/metricFault.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { SourceKind } from '../../core/topology/metricSource.ts';
import type { ExportMetricsServiceRequest } from '../../wire/otlp/generated/metrics_pb.ts';

/** `waiting`: nothing was heard of it since this server started. */
export type SourceState = 'ok' | 'waiting' | MetricFaultCode;

/** One server that is asked for metrics of a service, or what is sent to us of it, and how that goes. */
export interface SourceView {
  readonly service: string;
  /** As the service's manifest calls it; `otlp` is what is sent to us. */
  readonly name: string;
  readonly kind: SourceKind | 'otlp';
  /** Without anything secret; `null` for what is sent to us. */
  readonly url: string | null;
  /** The worst of its metrics'. */
  readonly state: SourceState;
  /** Why it is not `ok`, or what else a person should know; may be empty. */
  readonly says: string;
  /** How long it has been so. */
  readonly since: Instant;
  /** When it last gave what could be used; `null`: it has not yet. */
  readonly lastAnswer: Instant | null;
  readonly metrics: readonly SourceMetricView[];
}

export interface SourceMetricView {
  readonly metric: string;
  readonly state: SourceState;
  readonly says: string;
  readonly since: Instant;
  readonly lastAnswer: Instant | null;
  /** How many targets the last answer had something of. */
  readonly targets: number;
}

/** What came of a request of an OpenTelemetry SDK or collector. */
export interface OtlpOutcome {
  /** How many points could not be used that somebody wants. */
  readonly rejected: number;
  /** Why the first of them; empty: there are none. */
  readonly says: string;
}

/** Where what OpenTelemetry SDKs and collectors send goes in. */
export interface OtlpIntake {
  /** Points that no service wants are let go. Repeats are harmless. */
  take(request: ExportMetricsServiceRequest): OtlpOutcome;
}

/** The sources of metrics beside the agents. */
export interface MetricSources extends OtlpIntake {
  /** All of them, by service and name. */
  views(): readonly SourceView[];
}
