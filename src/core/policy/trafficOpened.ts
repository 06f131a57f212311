import { isOpened, type Opening } from '../rollout/assignment.ts';
import type { PlannedStage } from '../rollout/rollout.ts';
import type { Target } from '../topology/target.ts';
import { ReachSum, type TrafficShares } from '../topology/traffic.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * The share of the traffic that is open once a wave is, with everything before it; `null` where nobody knows of any traffic.
 * `counted` looks at every target: it is called when somebody asks, and once.
 */
export function trafficOpened(
  rollout: string,
  pipeline: Pipeline,
  plan: readonly PlannedStage[],
  counted: () => { readonly targets: readonly Target[]; readonly shares: TrafficShares | null },
): (stage: number, wave: number) => number | null {
  const known = new Map<string, number | null>();
  let fleet: ReturnType<typeof counted> | undefined;
  return (stage, wave) => {
    const key = `${stage}.${wave}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    fleet ??= counted();
    const openings = pipeline.stages.slice(0, stage + 1).map(
      ({ name, targets }, index): Opening => ({
        stage: name,
        targets,
        below: index < stage ? 1 : (plan[stage]?.waves[wave]?.below ?? 1),
      }),
    );
    const sum = new ReachSum(fleet.shares);
    for (const target of fleet.targets) if (isOpened(rollout, openings, target)) sum.add(target);
    const { traffic } = sum.reach(fleet.targets.length);
    known.set(key, traffic);
    return traffic;
  };
}
