import type { TrafficSource } from '../../core/topology/traffic.ts';
import { asMapping, mistake, variants } from './fields.ts';
import { word } from './scalars.ts';

/** How much traffic each target takes: by a counter that is heard anyway, or by a label where nothing is counted. */
export const traffic = variants('a mapping with metric or label', ['metric', 'label'], {
  metric: word.optional().describe('a counter or histogram of the service that rises with every request'),
  label: word.optional().describe('a label of the targets that holds a number, such as weight'),
}).transform(({ metric, label }): TrafficSource => (metric === undefined ? { label: label ?? '' } : { metric }));

/** A metric that is not defined would be traffic that nobody hears of, and one that does not count would be none. */
export function metricOfTrafficExists(value: unknown, sink: Parameters<typeof mistake>[0]): void {
  const { traffic: source, metrics } = asMapping(value);
  const { metric } = asMapping(source);
  const defined = asMapping(metrics);
  const known = Object.keys(defined).filter((name) =>
    COUNTING.some((kind) => asMapping(defined[name])[kind] !== undefined),
  );
  if (typeof metric !== 'string' || known.includes(metric)) return;
  const expected =
    known.length === 0 ? 'a counter or histogram of spec.metrics, where there is none' : `one of: ${known.join(', ')}`;
  mistake(sink, ['traffic', 'metric'], expected, { word: metric, known });
}

/** What agents hear of anyway, and what rises. */
const COUNTING = ['counter', 'histogram'];
