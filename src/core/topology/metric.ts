/**
 * Something that is measured on the targets of a service, and from where it is known. A selector is a name with matchers, as PromQL writes
 * them: `shop_requests_total{code=~"5.."}`.
 */
export type MetricSpec =
  /** Read by the agents from their service's Prometheus page: what it adds from one reading to the next. */
  | { readonly counter: string }
  /** The same page: what it shows at each reading. */
  | { readonly gauge: string }
  /** The same page: a histogram, classic or native, of what was observed from one reading to the next. */
  | { readonly histogram: string }
  /** Whether the agent's local check of that name passes: 1 or 0. */
  | { readonly check: string }
  /** Whether the agent says over OpAMP that this component is healthy, 1 or 0; `''` is the agent as a whole, `a/b` a component in one. */
  | { readonly health: string }
  /**
   * A PromQL query of one of the service's sources, asked once a window; `target` is the label that names the target. `as: counter`:
   * its series only ever rise, and what is meant is by how much they did from one answer to the next.
   */
  | { readonly query: string; readonly source: string; readonly target: string; readonly as?: 'counter' }
  /** Sent to us by OpenTelemetry SDKs or collectors; `target` is the attribute that names the target. */
  | { readonly otlp: string; readonly where?: Readonly<Record<string, string>>; readonly target: string }
  /** Whether an alert with these labels fires for the target, 1 or 0; `target` is the label that names the target. */
  | { readonly alert: Readonly<Record<string, string>>; readonly source: string; readonly target: string };

/** What agents read from the Prometheus page of the service beside them. */
export type ScrapedMetric = Extract<MetricSpec, { counter: string } | { gauge: string } | { histogram: string }>;

export type MetricKind = MetricSpec extends infer Spec
  ? Spec extends unknown
    ? Exclude<keyof Spec, 'source' | 'target' | 'where' | 'as'>
    : never
  : never;

/** Each stands as a field of the metrics of its kind, and of no others. */
export const METRIC_KINDS: readonly MetricKind[] = [
  'counter',
  'gauge',
  'histogram',
  'check',
  'health',
  'query',
  'otlp',
  'alert',
];

export function isScraped(metric: MetricSpec): metric is ScrapedMetric {
  return 'counter' in metric || 'gauge' in metric || 'histogram' in metric;
}

/** Where it comes from, in words: `shop_requests_total`, `alert {severity="page"}`. */
export function sayMetric(metric: MetricSpec): string {
  if ('counter' in metric) return metric.counter;
  if ('gauge' in metric) return metric.gauge;
  if ('histogram' in metric) return metric.histogram;
  if ('check' in metric) return `check ${metric.check}`;
  if ('health' in metric) return metric.health === '' ? 'health' : `health of ${metric.health}`;
  if ('query' in metric) return `${metric.query} from ${metric.source}`;
  if ('otlp' in metric) return metric.where === undefined ? metric.otlp : `${metric.otlp}${braced(metric.where)}`;
  return `alert ${braced(metric.alert)} from ${metric.source}`;
}

function braced(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}
