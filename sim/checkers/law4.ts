import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { passedStages } from './passedStages.ts';
import { requestsUnder } from './requestsUnder.ts';

/** A moment is read a little before its event is on the disk. */
const SLACK_MS = 500;

/** Law 4: a stage passes only after its bake has really lasted its minimum and each role has really seen the exposure asked for. */
export function law4(truth: Truth): Judge {
  return {
    take: (fact) => {
      for (const { id, stage, rollout } of passedStages(truth, fact)) {
        const bake = rollout.pipeline.stages[stage]?.bake;
        if (bake === undefined) continue;
        const bakedMs = Math.round(truth.now - rollout.bakeAt);
        if (bakedMs + SLACK_MS < bake.minimumMs)
          return `stage ${stage} of ${id} passes after a bake of ${bakedMs} ms; it asks for ${bake.minimumMs}`;
        if (bake.exposure === null) continue;
        for (const role of rollout.change.roles) {
          const answered = requestsUnder(truth, rollout, role, stage);
          if (answered < bake.exposure.atLeast)
            return `stage ${stage} of ${id} passes, and ${role} has answered ${answered} requests under it; it asks for ${bake.exposure.atLeast}`;
        }
      }
      return null;
    },
  };
}
