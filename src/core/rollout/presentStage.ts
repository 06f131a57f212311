import type { Stage } from '../policy/pipeline.ts';
import type { Rollout } from './rollout.ts';

/** The stage that the rollout stands at, as its pipeline has it. */
export function presentStage(rollout: Rollout): Stage {
  const stage = rollout.pipeline.stages[rollout.stage];
  if (stage === undefined)
    throw new Error(`invariant broken: ${rollout.id} stands at stage ${rollout.stage}, beyond its pipeline`);
  return stage;
}
