import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { passedStages } from './passedStages.ts';
import { requestsUnder } from './requestsUnder.ts';

/** Law 3: evidence is about the change, the stage and the role it stands for: it counts no more than was really answered there. */
export function law3(truth: Truth): Judge {
  return {
    take: (fact) => {
      for (const { id, stage, evidence, rollout } of passedStages(truth, fact)) {
        if (evidence.change !== rollout.change.digest || evidence.stage !== rollout.pipeline.stages[stage]?.name)
          return `the evidence of stage ${stage} of ${id} is about ${evidence.change} in "${evidence.stage}"`;
        for (const { role, treated } of evidence.verdicts) {
          const answered = requestsUnder(truth, rollout, role, stage);
          if (treated.exposure > answered)
            return `the evidence of stage ${stage} of ${id} counts ${treated.exposure} requests for ${role}; its targets there answered ${answered}`;
        }
      }
      return null;
    },
  };
}
