import type { Content } from '../../src/core/agent/slot.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** Law 1: what a target holds was its own before, or was opened for its stage and place, or is what a whole rollout found good. */
export function law1({ log, uidOf }: Pick<Truth, 'log' | 'uidOf'>): Judge {
  const mayHold = (machine: Machine, slot: string, content: Content) => {
    if (content === machine.baseline.get(slot)) return true;
    for (const rollout of log.rollouts.values()) {
      if (rollout.change.slots[slot] !== content) continue;
      if (rollout.phase === 'completed' && rollout.change.roles.includes(machine.role)) return true;
      if (log.openedStage(rollout, uidOf(machine), machine.role, machine.labels) !== null) return true;
    }
    return false;
  };
  return {
    take: (fact) => {
      if (fact.kind !== 'held') return null;
      const { machine, slot, after } = fact;
      for (const content of [after.file, after.running]) {
        if (!mayHold(machine, slot, content))
          return `${machine.name} holds ${content} in ${slot}, and nothing on the record gives it to it`;
      }
      return null;
    },
  };
}
