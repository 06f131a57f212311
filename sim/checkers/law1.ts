import type { Content } from '../../src/core/agent/slot.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** Law 1: what a target holds was its own before, or was opened for its stage and place, or is what a whole rollout found good. */
export function law1(truth: Truth): Judge {
  const mayHold = (machine: Machine, slot: string, content: Content) => {
    if (content === machine.baseline.get(slot) || machine.isTheirs(content)) return true;
    for (const rollout of truth.log.rollouts.values()) {
      if (rollout.change.slots[slot] !== content || !rollout.change.roles.includes(machine.role)) continue;
      if (rollout.phase === 'completed') return true;
      if (truth.log.openedStage(rollout, truth.uidOf(machine), machine.role, machine.labels) !== null) return true;
    }
    return false;
  };
  return {
    take: (fact) => {
      if (fact.kind !== 'held') return null;
      const { machine, slot, after } = fact;
      const without = [after.file, after.running].find((content) => !mayHold(machine, slot, content));
      return without === undefined
        ? null
        : `${machine.name} holds ${without} in ${slot}, and nothing on the record gives it to it`;
    },
  };
}
