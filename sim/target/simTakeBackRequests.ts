import type { TakeBackRequests } from '../../src/engine/ports/takeBackRequests.ts';
import type { SimProcess } from '../kernel/simProcess.ts';
import type { Machine } from './machine.ts';

const READ_MS = 1;

/** What people at the target ask of its agent, through its directory: it is asked until it has answered. */
export function simTakeBackRequests(machine: Machine, process: SimProcess): TakeBackRequests {
  return {
    next: () =>
      process.step(READ_MS, () =>
        machine.takeBack === null
          ? null
          : { id: machine.takeBack.id, slot: null, to: null, says: 'somebody at the target' },
      ),
    answer: (id, slots) =>
      process.step(READ_MS, () => {
        if (machine.takeBack?.id !== id) return;
        machine.takeBack = null;
        for (const { slot, outcome, holds } of slots)
          if (outcome !== 'nothing-older' && holds !== null) machine.takenBack.set(slot, holds);
      }),
  };
}
