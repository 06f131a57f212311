import { artifactsOn } from '../logBook.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { passedStages } from './passedStages.ts';

/** Law 6: where the pipeline asks for it, every target that baked in the first stage had really been back, between two times forward. */
export function law6(truth: Truth): Judge {
  /** By machine, slot and content: when it last stopped running it. */
  const leftAt = new Map<string, number>();
  return {
    take: (fact) => {
      if (fact.kind === 'held' && fact.before.running !== fact.after.running)
        leftAt.set(`${fact.machine.name}\n${fact.slot}\n${fact.before.running}`, truth.now);
      for (const { id, stage, rollout } of passedStages(truth, fact)) {
        if (stage !== 0 || !rollout.pipeline.rehearse) continue;
        const { rehearsedAt, provenAt } = rollout;
        if (rehearsedAt === null || provenAt === null) return `the first stage of ${id} passes without a rehearsal`;
        for (const machine of truth.scene.machines) {
          const uid = truth.uidOf(machine);
          if (machine.hasLied || rollout.absentAtRehearsal.includes(uid) || rollout.absent.includes(uid)) continue;
          if (truth.log.openedStage(rollout, uid, machine.role, machine.labels) !== 0) continue;
          for (const [slot, artifact] of artifactsOn(rollout, machine.role)) {
            if (artifact === truth.log.lastKnownGood(machine.role, slot) || artifact === machine.baseline.get(slot))
              continue;
            const left = leftAt.get(`${machine.name}\n${slot}\n${artifact}`) ?? -1;
            if (machine.holding(slot).running === artifact && left < rehearsedAt)
              return `the first stage of ${id} passes, and ${machine.name} was never back from ${artifact} in ${slot}`;
          }
        }
      }
      return null;
    },
  };
}
