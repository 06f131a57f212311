import type { EventData } from '../../src/core/record/event.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** So many are kept at least, with their bytes. */
const KEPT = 3;

/** Law 8: nobody is ever told of a last known good that no whole rollout has earned, and the bytes of the newest three are kept. */
export function law8(truth: Truth): Judge {
  return {
    take: (fact) => {
      if (fact.kind === 'assigned') {
        const { service, role, assignments } = fact.set;
        for (const { slot, lastKnownGood } of assignments) {
          if (lastKnownGood !== null && !truth.log.goods.get(`${role}/${slot}`)?.includes(lastKnownGood))
            return `${service}/${role} is told that ${lastKnownGood} is the last known good of ${slot}, and no rollout has earned that`;
        }
      }
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type !== 'RolloutCompleted') continue;
        const { id } = data as unknown as EventData['RolloutCompleted'];
        const rollout = truth.log.rollouts.get(id);
        const missing = rollout?.pipeline.stages.findIndex((_, index) => !rollout.passed.has(index)) ?? -1;
        if (missing !== -1) return `${id} is completed, and its stage ${missing} has not passed`;
      }
      return null;
    },
    look: () => {
      for (const [key, goods] of truth.log.goods) {
        const lost = goods.slice(-KEPT).find((digest) => !truth.scene.database.artifacts.has(digest));
        if (lost !== undefined) return `the bytes of ${lost}, a last known good of ${key}, are gone`;
      }
      return null;
    },
  };
}
