import type { Refusal } from '../kernel/refusal.ts';
import { sayMetric } from '../topology/metric.ts';
import type { Service } from '../topology/service.ts';
import type { Change } from './change.ts';
import type { Conditions } from './conditions.ts';
import { meant } from './meant.ts';
import type { Pipeline } from './pipeline.ts';

export function refuseByMetrics(
  change: Change,
  pipeline: Pipeline,
  service: Service,
  conditions: Conditions,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const wanted = new Map<string, string>();
  for (const check of pipeline.checks) {
    wanted.set(check.total, `check "${check.name}"`);
    wanted.set(check.failures, `check "${check.name}"`);
  }
  for (const stage of pipeline.stages) {
    if (stage.bake.exposure !== null) wanted.set(stage.bake.exposure.metric, `the exposure of stage "${stage.name}"`);
  }
  for (const [metric, by] of wanted) {
    const spec = service.metrics[metric];
    if (spec === undefined) {
      const says = `${by} uses metric "${metric}", which service "${service.name}" does not define`;
      refusals.push({ code: 'unknown-metric', says, remedy: meant(metric, Object.keys(service.metrics)) });
      continue;
    }
    for (const role of change.roles) {
      const seen = conditions.metric(role, metric);
      // A path that is new with this change need not have been counted before it.
      if (seen === 'present' || metric === change.newPath) continue;
      const source = sayMetric(spec);
      const family = source.split('{')[0] ?? source;
      refusals.push(
        seen === 'absent'
          ? {
              code: 'metric-without-data',
              says: `${by} uses metric "${metric}" (${source}), and targets of role "${role}" expose no such counter`,
              remedy: meant(family, conditions.exposedCounters),
            }
          : {
              code: 'metric-without-data',
              says: `${by} uses metric "${metric}" (${source}), and no connected target of role "${role}" has reported its counters yet`,
              remedy: 'see that its agents are connected and can read their metrics, then try again',
            },
      );
    }
  }
  return refusals;
}
