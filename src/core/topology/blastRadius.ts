import { place } from '../kernel/place.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import { stageOf } from '../rollout/planStages.ts';
import type { PlannedStage } from '../rollout/rollout.ts';
import type { Neighbour } from './dependencyGraph.ts';
import type { Target } from './target.ts';
import { type Reach, ReachSum, type TrafficShares } from './traffic.ts';

/** Who is hurt if this is bad: the targets that get it, what they serve, and the services up and down from them. */
export interface BlastRadius extends Reach {
  /** What needs the service, by distance, then by name. */
  readonly dependents: readonly Neighbour[];
  /** What it needs, and may overload: the same. */
  readonly dependencies: readonly Neighbour[];
  /** Targets whose traffic nobody knows: each counts as the average of its role. */
  readonly unknownTraffic: number;
}

/** What a stage opens, and what is open once it is. */
export interface StageReach {
  /** The stage by itself. */
  readonly opens: Reach;
  /** With every stage before it. */
  readonly reached: Reach;
  /** What each of its waves opens newly. */
  readonly steps: readonly Reach[];
}

/** What every stage and wave of a plan comes to, in one look at each target. */
export function reachPlanned(
  pipeline: Pipeline,
  rollout: string,
  stages: readonly PlannedStage[],
  targets: readonly Target[],
  shares: TrafficShares | null,
): readonly StageReach[] {
  const sums = stages.map(({ waves }) => waves.map(() => new ReachSum(shares)));
  for (const target of targets) {
    const stage = stageOf(pipeline, target.labels);
    if (stage === null) continue;
    const where = place(rollout, target.uid);
    const wave = stages[stage]?.waves.findIndex(({ below }) => where < below) ?? -1;
    sums[stage]?.[wave]?.add(target);
  }
  const reached = new ReachSum(shares);
  return sums.map((waves) => {
    const opens = new ReachSum(shares);
    for (const wave of waves) opens.addAll(wave);
    reached.addAll(opens);
    const [all, steps] = [targets.length, waves.map((wave) => wave.reach(targets.length))];
    return { opens: opens.reach(all), reached: reached.reach(all), steps };
  });
}
