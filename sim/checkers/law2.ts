import type { EventData } from '../../src/core/record/event.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { passedStages } from './passedStages.ts';

/** Law 2: a stage passes on an explicit pass of every check in every role, and none opens before the one in front of it has passed. */
export function law2(truth: Truth): Judge {
  return {
    take: (fact) => {
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type !== 'WaveOpened') continue;
        const { id, stage } = data as unknown as EventData['WaveOpened'];
        const rollout = truth.log.rollouts.get(id);
        for (let before = 0; before < stage; before++)
          if (!rollout?.passed.has(before))
            return `${id} opens stage ${stage}, and stage ${before} has not passed, or its evidence was revoked`;
      }
      for (const { id, stage, evidence, rollout } of passedStages(truth, fact)) {
        for (const role of rollout.change.roles) {
          for (const check of rollout.pipeline.checks) {
            const verdict = evidence.verdicts.find((one) => one.check === check.name && one.role === role);
            // A person may accept that a signal failed; nobody can accept that there is no verdict.
            const accepted = check.effect === 'signal' && verdict?.outcome === 'fail';
            if (verdict?.outcome !== 'pass' && !accepted)
              return `stage ${stage} of ${id} passes, and check "${check.name}" of ${role} says ${verdict?.outcome ?? 'nothing'}`;
          }
        }
      }
      return null;
    },
  };
}
