import { z } from 'zod';
import { type MetricSource, SOURCE_KINDS, type SourceKind } from '../../core/topology/metricSource.ts';
import { always, asMapping, entries, fields, mistake, variants } from './fields.ts';
import { url, word } from './scalars.ts';

const secret = word.describe('the name of a secret that the server was started with: --source-secret NAME=FILE');

const base = url(['http', 'https']).superRefine((text, sink) => {
  const parsed = URL.parse(text);
  if (parsed !== null && (parsed.search !== '' || parsed.hash !== ''))
    mistake(sink, [], 'a URL without a query or fragment: the API has paths of its own');
});

const address = { url: base, secret: secret.optional() };

const label = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, { error: 'a label such as alertname' });
const text = z.string({ error: 'a text' }).max(256, { error: 'a text of at most 256 characters' });

const source = variants(`a mapping with ${SOURCE_KINDS.join(' or ')}`, SOURCE_KINDS, {
  prometheus: fields('a mapping with url and secret', address)
    .superRefine(secretStaysSecret)
    .optional()
    .describe('answers PromQL: Prometheus, or what speaks its API'),
  alertmanager: fields('a mapping with url, secret and watchdog', {
    ...address,
    watchdog: entries('a mapping of labels to values', label, text, 1)
      .optional()
      .describe('labels of an alert that always fires: while it does not, that there are no others is not believed'),
  })
    .superRefine(secretStaysSecret)
    .optional()
    .describe('knows which alerts fire'),
}).transform(
  ({ prometheus, alertmanager }): MetricSource =>
    prometheus === undefined ? { alertmanager: whole(alertmanager ?? { url: '' }) } : { prometheus: whole(prometheus) },
);

export const sources = entries('a mapping of sources', word, source, 0).superRefine((found: unknown, sink) => {
  if ('otlp' in asMapping(found))
    mistake(sink, ['otlp'], 'another name: otlp is what is sent to this server', {
      name: true,
      found: 'the name "otlp"',
    });
}, always);

/** In the clear, it would be readable on its way. */
function secretStaysSecret(
  { url, secret }: { url: string; secret?: string | undefined },
  sink: Parameters<typeof mistake>[0],
): void {
  const parsed = URL.parse(url);
  if (secret === undefined || parsed === null || parsed.protocol !== 'http:' || isLoopback(parsed.hostname)) return;
  mistake(sink, ['url'], 'a URL that starts with https://, because a secret goes with it', { found: url });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Fields that were left out are left out. */
function whole<T extends object>(found: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Which kind of source a kind of metric is asked of. */
const ASKED_OF = { query: 'prometheus', alert: 'alertmanager' } as const satisfies Readonly<Record<string, SourceKind>>;

/** A source that is not defined, or cannot be asked such a thing, would be a metric that nobody hears of. */
export function sourcesOfMetricsExist(value: unknown, sink: Parameters<typeof mistake>[0]): void {
  const { sources, metrics } = asMapping(value);
  const all = Object.entries(asMapping(sources));
  for (const [name, metric] of Object.entries(asMapping(metrics))) {
    for (const [field, kind] of Object.entries(ASKED_OF)) {
      const { source, [field]: asked } = asMapping(metric);
      if (asked === undefined || typeof source !== 'string') continue;
      const known = all.filter(([, each]) => asMapping(each)[kind] !== undefined).map(([each]) => each);
      if (known.includes(source)) continue;
      const expected =
        known.length === 0 ? `a source of spec.sources, which has none with ${kind}` : `one of: ${known.join(', ')}`;
      mistake(sink, ['metrics', name, 'source'], expected, { word: source, known });
    }
  }
}
