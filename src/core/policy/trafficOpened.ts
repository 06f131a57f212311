import { place } from '../kernel/place.ts';
import { stageOf } from '../rollout/planStages.ts';
import type { PlannedStage } from '../rollout/rollout.ts';
import type { Target } from '../topology/target.ts';
import { ReachSum, type TrafficShares } from '../topology/traffic.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * The share of the traffic that is open once a wave is, with everything before it; `null` where nobody knows of any traffic. Looks at
 * every target once, for all waves together, when the first is asked for. `counted` is called then.
 */
export function trafficOpened(
  rollout: string,
  pipeline: Pipeline,
  plan: readonly PlannedStage[],
  counted: () => { readonly targets: readonly Target[]; readonly shares: TrafficShares | null },
): (stage: number, wave: number) => number | null {
  let opened: readonly (readonly (number | null)[])[] | undefined;
  return (stage, wave) => {
    if (opened === undefined) {
      const { targets, shares } = counted();
      opened = shares === null ? [] : sumUp(rollout, pipeline, plan, targets, shares);
    }
    return opened[stage]?.[wave] ?? null;
  };
}

function sumUp(
  rollout: string,
  pipeline: Pipeline,
  plan: readonly PlannedStage[],
  targets: readonly Target[],
  shares: TrafficShares,
): readonly (readonly (number | null)[])[] {
  const steps = plan.map(({ waves }) => waves.map(() => new ReachSum(shares)));
  for (const target of targets) {
    const stage = stageOf(pipeline, target.labels);
    if (stage === null) continue;
    const where = place(rollout, target.uid);
    const wave = plan[stage]?.waves.findIndex(({ below }) => where < below) ?? -1;
    steps[stage]?.[wave]?.add(target);
  }
  const sofar = new ReachSum(shares);
  return steps.map((waves) =>
    waves.map((step) => {
      sofar.addAll(step);
      return sofar.reach(targets.length).traffic;
    }),
  );
}
