import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** Law 21: a target that cannot reach the control plane keeps what it has: it takes nothing new, and gives up nothing that is proven and well. */
export function law21(truth: Truth): Judge {
  return {
    take: (fact) => {
      if (fact.kind === 'apply' && !fact.contact)
        return `${fact.machine.name} applies ${fact.to} in ${fact.slot} while it has no contact`;
      if (fact.kind !== 'undo' || fact.contact) return null;
      const { machine, slot, to } = fact;
      const { file, running } = machine.holding(slot);
      const proven = truth.log.lastKnownGood(machine.role, slot);
      const isWell = !machine.probesBroken && machine.takeBack === null && file === proven && running === proven;
      const ordered = [...truth.log.rollouts.values()].some(
        ({ rollbackPosition, change }) => rollbackPosition !== null && change.slots[slot] === file,
      );
      return isWell && to !== file && !ordered && machine.isQuiet
        ? `${machine.name} gives up ${file} in ${slot}, the last known good, while it has no contact`
        : null;
    },
  };
}
