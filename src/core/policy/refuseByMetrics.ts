import type { CheckSpec } from '../analysis/checkSpec.ts';
import { questionOf } from '../analysis/question.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { sayMetric } from '../topology/metric.ts';
import type { Service } from '../topology/service.ts';
import { absentMetric } from './absentMetric.ts';
import type { Change } from './change.ts';
import type { Conditions } from './conditions.ts';
import { meant } from './meant.ts';
import { sayMisfit } from './metricFits.ts';
import type { Pipeline } from './pipeline.ts';

interface Wanted {
  readonly by: string;
  readonly metric: string;
  readonly check: CheckSpec | null;
  /** Whose targets are to have it, and of which roles. */
  readonly service: Service;
  readonly roles: readonly string[];
}

/**
 * Law 16: what a pipeline wants to measure is defined, is of a sort that its check can read, is known to be there on what runs now, and
 * is not sick there already.
 */
export function refuseByMetrics(
  change: Change,
  pipeline: Pipeline,
  service: Service,
  conditions: Conditions,
  services: ReadonlyMap<string, Service>,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const wanted = new Map<string, Wanted>();
  for (const check of pipeline.checks) {
    const by = `check "${check.name}"`;
    const of = check.of === undefined ? service : services.get(check.of);
    if (of === undefined || (of !== service && !of.dependsOn.includes(service.name))) {
      const says = `${by} judges service "${check.of}", which is not registered as one that needs "${service.name}"`;
      refusals.push({
        code: 'unknown-service',
        says,
        remedy: `give it dependsOn: [${service.name}], or leave "of" out`,
      });
      continue;
    }
    const roles = of === service ? change.roles : of.roles;
    for (const metric of questionOf(check).metrics)
      wanted.set(`${of.name}\n${metric}\n${check.kind}`, { by, metric, check, service: of, roles });
  }
  for (const { name, bake } of pipeline.stages) {
    if (bake.exposure === null) continue;
    const { metric } = bake.exposure;
    const by = `the exposure of stage "${name}"`;
    wanted.set(`${service.name}\n${metric}\n`, { by, metric, check: null, service, roles: change.roles });
  }
  const silent = new Set<string>();
  for (const want of wanted.values()) refusals.push(...refuseOne(want, change, conditions, silent));
  return [...refusals, ...(conditions.sick ?? []).map(refuseSick)];
}

/** `silent`: what was refused already for want of data, by service, role and metric: once is enough. */
function refuseOne(
  { by, metric, check, service, roles }: Wanted,
  change: Change,
  conditions: Conditions,
  silent: Set<string>,
): readonly Refusal[] {
  const spec = service.metrics[metric];
  if (spec === undefined) {
    const says = `${by} uses metric "${metric}", which service "${service.name}" does not define`;
    return [{ code: 'unknown-metric', says, remedy: meant(metric, Object.keys(service.metrics)) }];
  }
  const misfit = check === null ? null : sayMisfit(check, spec);
  if (misfit !== null) {
    const says = `${by} uses metric "${metric}" (${sayMetric(spec)}): ${misfit}`;
    return [{ code: 'metric-unfit', says, remedy: 'give the check another metric, or another kind' }];
  }
  const fault = conditions.fault?.(service.name, metric) ?? null;
  if (fault !== null) {
    const says = `${by} uses metric "${metric}" (${sayMetric(spec)}), which cannot be known now: ${fault.says}`;
    return [{ code: 'metric-without-data', says, remedy: 'see that its source answers, then try again' }];
  }
  return roles.flatMap((role): readonly Refusal[] => {
    const seen = conditions.metric(role, metric, service.name);
    // A path that is new with this change need not have been counted before it.
    if (seen === 'present' || metric === change.newPath) return [];
    const key = `${service.name}\n${role}\n${metric}`;
    if (silent.has(key)) return [];
    silent.add(key);
    const source = sayMetric(spec);
    if (seen === 'absent') {
      const absence = absentMetric(spec, conditions);
      const says = `${by} uses metric "${metric}" (${source}), and targets of role "${role}" ${absence.says}`;
      return [{ code: 'metric-without-data', says, remedy: absence.remedy }];
    }
    if ('query' in spec || 'otlp' in spec || 'alert' in spec) {
      const says = `${by} uses metric "${metric}" (${source}), and its source has said nothing of any target of role "${role}" yet`;
      const remedy = 'see what "ringfence get sources" says of it, and that its label or attribute names the targets';
      return [{ code: 'metric-without-data', says, remedy }];
    }
    const reported = 'counter' in spec ? 'has reported its counters' : 'has reported it';
    const says = `${by} uses metric "${metric}" (${source}), and no connected target of role "${role}" ${reported} yet`;
    return [
      {
        code: 'metric-without-data',
        says,
        remedy: 'see that its agents are connected and can read their metrics, then try again',
      },
    ];
  });
}

function refuseSick({ check, role, says }: NonNullable<Conditions['sick']>[number]): Refusal {
  return {
    code: 'sick-baseline',
    says: `check "${check}" has nothing sound to compare with on role "${role}": ${says}`,
    remedy: 'find out what is wrong with what runs now; start when it is as it usually is',
  };
}
