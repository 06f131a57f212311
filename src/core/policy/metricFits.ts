import type { CheckSpec } from '../analysis/checkSpec.ts';
import { METRIC_KINDS, type MetricKind, type MetricSpec } from '../topology/metric.ts';

const COUNTED: readonly MetricKind[] = ['counter', 'query', 'otlp'];
const LEVELS: readonly MetricKind[] = ['gauge', 'histogram', 'query', 'otlp'];
const SPREAD: readonly MetricKind[] = ['histogram', 'gauge', 'query', 'otlp'];
const YES_OR_NO: readonly MetricKind[] = ['check', 'health', 'alert', 'gauge', 'query'];

/** What a check reads its metrics as, and which sorts of metric are that. */
const WANTED: Readonly<Record<CheckSpec['kind'], { readonly what: string; readonly kinds: readonly MetricKind[] }>> = {
  failureProportion: { what: 'counts', kinds: COUNTED },
  eventRate: { what: 'counts', kinds: COUNTED },
  vanished: { what: 'counts', kinds: COUNTED },
  mean: { what: 'a level', kinds: LEVELS },
  quantile: { what: 'many values', kinds: SPREAD },
  health: { what: 'yes or no', kinds: YES_OR_NO },
};

/** Why a check can make nothing of a metric: `a "mean" reads a level (…), and it is a counter`; `null`: it can. */
export function sayMisfit(check: CheckSpec, metric: MetricSpec): string | null {
  const { what, kinds } = WANTED[check.kind];
  const kind = METRIC_KINDS.find((each) => each in metric) ?? 'counter';
  if (kinds.includes(kind))
    return 'query' in metric ? sayMiscount(check, what === 'counts', metric.as === 'counter') : null;
  return `a check of kind "${check.kind}" reads ${what} (${kinds.join(', ')}), and it is of kind "${kind}"`;
}

/** What a query answers is a level or a count by its `as` alone: one taken for the other would be judged as what it is not. */
function sayMiscount({ kind }: CheckSpec, wantsCount: boolean, isCount: boolean): string | null {
  if (wantsCount === isCount) return null;
  return wantsCount
    ? `a check of kind "${kind}" reads counts, and its query gives values: ask for the counter itself, and say as: counter`
    : `a check of kind "${kind}" reads values, and its query counts (as: counter)`;
}
