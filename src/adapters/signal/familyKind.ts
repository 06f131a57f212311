import type { Exposition } from './exposition.ts';

export type ReadAs = 'counter' | 'gauge' | 'histogram';

/**
 * What the samples of that name are: `counter`, `gauge`, `histogram`, `sum` (of a histogram or summary), another type that the service
 * says, or `unknown`. The buckets and the count of a histogram are counters, and so are those of a summary, whose quantiles are gauges.
 */
export function familyKind(
  { types, byName }: Pick<Exposition, 'types'> & { readonly byName: ReadonlyMap<string, unknown> },
  name: string,
): string {
  const own = types.get(name);
  // OpenMetrics names the family without the ending that its samples have.
  if (own === 'counter') return byName.has(`${name}_total`) && !byName.has(name) ? 'unknown' : 'counter';
  if (own === 'summary') return byName.has(name) ? 'gauge' : 'summary';
  if (own !== undefined && own !== 'untyped' && own !== 'unknown') return own;
  const [, family = '', part] = /^(.+)_(total|count|sum|bucket)$/.exec(name) ?? [];
  const type = types.get(family);
  if (own === undefined && part === 'total' && type === 'counter') return 'counter';
  if (own === undefined && part !== undefined && part !== 'total' && (type === 'histogram' || type === 'summary'))
    return part === 'sum' ? 'sum' : 'counter';
  if (name.endsWith('_total')) return 'counter';
  return byName.has(`${name}_bucket`) && !byName.has(name) ? 'histogram' : 'unknown';
}
