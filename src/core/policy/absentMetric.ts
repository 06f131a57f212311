import type { MetricSpec, ScrapedMetric } from '../topology/metric.ts';
import { isScraped } from '../topology/metric.ts';
import type { Conditions } from './conditions.ts';
import { meant } from './meant.ts';

/** What targets say that they have not, and what may be done about it. */
export interface Absence {
  /** `expose no such gauge` */
  readonly says: string;
  readonly remedy: string;
}

/** Law 16: a metric that targets say is not there: told apart are a name that is misspelt, one that is another thing, and a label. */
export function absentMetric(metric: MetricSpec, conditions: Conditions): Absence {
  if (isScraped(metric)) return absentScrape(metric, conditions);
  if ('check' in metric)
    return { says: 'have no such check', remedy: meant(metric.check, conditions.exposedChecks ?? []) };
  if ('health' in metric)
    return { says: 'report no such component', remedy: meant(metric.health, conditions.exposedComponents ?? []) };
  return { says: 'are not among its answers', remedy: 'see that its source names these targets, then try again' };
}

type Kind = 'counter' | 'gauge' | 'histogram';

function absentScrape(metric: ScrapedMetric, conditions: Conditions): Absence {
  const names: Readonly<Record<Kind, readonly string[]>> = {
    counter: conditions.exposedCounters,
    gauge: conditions.exposedGauges ?? [],
    histogram: conditions.exposedHistograms ?? [],
  };
  const [wanted, selector] =
    'counter' in metric
      ? (['counter', metric.counter] as const)
      : 'gauge' in metric
        ? (['gauge', metric.gauge] as const)
        : (['histogram', metric.histogram] as const);
  const family = selector.split('{')[0] ?? selector;
  const says = `expose no such ${wanted}`;
  if (names[wanted].includes(family))
    return { says, remedy: `there is ${family}, but no series of it with all the labels that are asked for` };
  const real = KINDS.find((kind) => names[kind].includes(family));
  if (real !== undefined)
    return { says, remedy: `${family} is a ${real}: write ${real}: ${family}, or name a ${wanted}` };
  return { says, remedy: meant(family, names[wanted]) };
}

const KINDS: readonly Kind[] = ['counter', 'gauge', 'histogram'];
