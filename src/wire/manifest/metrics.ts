import { z } from 'zod';
import { METRIC_KINDS, type MetricKind, type MetricSpec } from '../../core/topology/metric.ts';
import { always, asMapping, entries, mistake, variants } from './fields.ts';
import { labelValue, oneOf, pattern, word } from './scalars.ts';

/** A family of a Prometheus exposition with matchers, as PromQL writes them: `shop_requests_total{code=~"5.."}`. */
const SELECTOR =
  /^[A-Za-z_:][A-Za-z0-9_:]*(?:\{ *(?:[A-Za-z_][A-Za-z0-9_]* *(?:=~|!~|!=|=) *"(?:[^"\\\n]|\\.)*" *(?:, *(?=[A-Za-z_}])|(?=\})))*\})?$/;
const selector = (what: string, example: string) =>
  pattern(`a ${what} with optional matchers, such as ${example}`, SELECTOR);

const label = pattern('a label such as instance', /^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const attribute = pattern('an attribute such as service.instance.id', /^[A-Za-z][A-Za-z0-9._-]{0,127}$/);
const anyText = z.string({ error: 'a text' }).max(256, { error: 'a text of at most 256 characters' });

/** What may stand beside the field that says where a metric comes from. */
const BESIDE: Readonly<Record<MetricKind, readonly string[]>> = {
  counter: [],
  gauge: [],
  histogram: [],
  check: [],
  health: [],
  query: ['source', 'target', 'as'],
  otlp: ['where', 'target'],
  alert: ['source', 'target'],
};

const metric = variants(`a mapping with ${METRIC_KINDS.join(', ')}`, METRIC_KINDS, {
  counter: selector('counter', 'shop_requests_total{code=~"5.."}').optional(),
  gauge: selector('gauge', 'process_resident_memory_bytes').optional(),
  histogram: selector('histogram', 'shop_request_seconds').optional(),
  check: word.optional().describe("a local check of the agents: 1 while it passes, 0 while it doesn't"),
  health: anyText
    .optional()
    .describe('a component whose health the agents report, such as pipelines/traces; "" is the agent as a whole'),
  query: pattern('a PromQL query', /\S/)
    .max(4096, { error: 'a PromQL query of at most 4096 characters' })
    .optional()
    .describe('a PromQL query that gives one figure for each target'),
  otlp: pattern('the name of an OpenTelemetry metric, such as http.server.request.duration', /^\S{1,255}$/).optional(),
  alert: entries('a mapping of labels to values', label, anyText, 1)
    .optional()
    .describe('1 while an alert with these labels fires for the target, else 0'),
  source: word.optional().describe('of query and alert: one of spec.sources'),
  where: entries('a mapping of attributes to values', attribute, labelValue, 1)
    .optional()
    .describe('of otlp: only points with these attributes'),
  as: oneOf(['value', 'counter'])
    .optional()
    .describe('of query: counter where its series only ever rise, and by how much is meant; value if left out'),
  target: z
    .union([label, attribute], { error: 'a label such as instance, or an attribute such as service.instance.id' })
    .optional()
    .describe('what names the target; instance for query and alert, service.instance.id for otlp, if left out'),
})
  .superRefine(fitsItsKind, always)
  .transform(toMetric);

export const metrics = entries('a mapping of metrics', word, metric, 0);

function fitsItsKind(value: unknown, sink: Parameters<typeof mistake>[0]): void {
  const given = asMapping(value);
  const kind = METRIC_KINDS.find((each) => given[each] !== undefined);
  if (kind === undefined) return;
  for (const field of ['source', 'where', 'target', 'as']) {
    if (given[field] !== undefined && !BESIDE[kind].includes(field))
      mistake(sink, [field], `a field that goes with ${kind}: ${[kind, ...BESIDE[kind]].join(', ')}`);
  }
  if (BESIDE[kind].includes('source') && given.source === undefined)
    mistake(sink, [], `source beside ${kind}: one of spec.sources`, { found: 'no source' });
}

function toMetric(
  found: {
    readonly [K in Exclude<MetricKind, 'alert'>]?: string | undefined;
  } & {
    readonly alert?: Readonly<Record<string, string>> | undefined;
    readonly where?: Readonly<Record<string, string>> | undefined;
    readonly source?: string | undefined;
    readonly target?: string | undefined;
    readonly as?: 'value' | 'counter' | undefined;
  },
): MetricSpec {
  const { counter, gauge, histogram, check, health, query, otlp, alert, where, source = '', target, as } = found;
  if (counter !== undefined) return { counter };
  if (gauge !== undefined) return { gauge };
  if (histogram !== undefined) return { histogram };
  if (check !== undefined) return { check };
  if (health !== undefined) return { health };
  if (query !== undefined) return { query, source, target: target ?? 'instance', ...(as === 'counter' ? { as } : {}) };
  if (otlp !== undefined)
    return { otlp, ...(where === undefined ? {} : { where }), target: target ?? 'service.instance.id' };
  return { alert: alert ?? {}, source, target: target ?? 'instance' };
}
