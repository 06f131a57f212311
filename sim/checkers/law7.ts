import { artifactsOn } from '../logBook.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/**
 * Law 7: when a rollback is called done, no target that was told of the change holds it any more, neither in its file nor in its
 * running service. Targets that were absent when the wave opened are a known gap (they are told the way back when they come).
 */
export function law7(truth: Truth): Judge {
  return {
    take: (fact) => {
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type !== 'RolledBack') continue;
        const rollout = truth.log.rollouts.get(String(data.id));
        if (rollout === undefined) continue;
        for (const machine of truth.scene.machines) {
          const uid = truth.uidOf(machine);
          if (machine.hasLied || rollout.absent.includes(uid) || !truth.log.targets.has(uid)) continue;
          for (const [slot, artifact] of artifactsOn(rollout, machine.role)) {
            if (artifact === truth.log.lastKnownGood(machine.role, slot) || artifact === machine.baseline.get(slot))
              continue;
            const { file, running } = machine.holding(slot);
            if (file === artifact || running === artifact)
              return `${rollout.id} is rolled back, and ${machine.name} still ${running === artifact ? 'runs' : 'has in its file'} ${artifact} in ${slot}`;
          }
        }
      }
      return null;
    },
  };
}
