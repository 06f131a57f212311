import { percent } from '../kernel/percent.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { Service } from '../topology/service.ts';
import type { Reach } from '../topology/traffic.ts';
import type { Pipeline } from './pipeline.ts';
import type { PlanStage } from './plan.ts';

const ROUNDING = 1e-9;

/**
 * Law 16: no step is larger than the pipeline allows, by accident least of all. Where nobody knows how much traffic targets take,
 * a pipeline that goes by it is refused rather than guessed at.
 */
export function refuseBySteps(
  pipeline: Pipeline,
  service: Service,
  stages: readonly Pick<PlanStage, 'name' | 'waves'>[],
): readonly Refusal[] {
  const unknown = refuseUnknown(pipeline, service, stages);
  const refusals: Refusal[] = unknown === null ? [] : [unknown];
  for (const { name, waves } of stages) {
    for (const [index, { opens }] of waves.entries()) {
      const too = tooLarge(pipeline, opens);
      if (too === null) continue;
      refusals.push({
        code: 'step-too-large',
        says: `wave ${index + 1} of ${waves.length} of stage "${name}" opens ${too} at once (${opens.targets} ${opens.targets === 1 ? 'target' : 'targets'})`,
        remedy: `put smaller waves before it, move targets to other stages, or raise largestStep of pipeline "${pipeline.name}"`,
      });
    }
  }
  return refusals;
}

function tooLarge({ largestStep }: Pipeline, { share, traffic }: Reach): string | null {
  const { traffic: mostTraffic = 1, targets: mostTargets = 1 } = largestStep ?? {};
  if (traffic !== null && traffic > mostTraffic + ROUNDING)
    return `${percent(traffic)} of the traffic, at most ${percent(mostTraffic)} allowed,`;
  if (share > mostTargets + ROUNDING)
    return `${percent(share)} of the targets, at most ${percent(mostTargets)} allowed,`;
  return null;
}

function refuseUnknown(
  pipeline: Pipeline,
  { name, traffic }: Service,
  stages: readonly Pick<PlanStage, 'waves'>[],
): Refusal | null {
  const cut = pipeline.stages.find(({ waves }) => waves.some((size) => 'traffic' in size));
  if (cut === undefined && pipeline.largestStep?.traffic === undefined) return null;
  if (stages.some(({ waves }) => waves.some(({ opens }) => opens.traffic !== null))) return null;
  const by = cut === undefined ? 'bounds its steps by traffic' : `cuts waves of stage "${cut.name}" by traffic`;
  const says = `pipeline "${pipeline.name}" ${by}, and nobody knows how much traffic any target of "${name}" takes`;
  if (traffic === undefined)
    return {
      code: 'traffic-unknown',
      says,
      remedy: `say in service "${name}" from where it is known: traffic: { metric: NAME }`,
    };
  const remedy =
    'metric' in traffic
      ? `see that targets are connected and count metric "${traffic.metric}"; two reports are needed`
      : `give targets the label "${traffic.label}" with a number`;
  return { code: 'traffic-unknown', says, remedy };
}
