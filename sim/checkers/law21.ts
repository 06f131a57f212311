import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { provenHere } from './confirmedHere.ts';

/** What was decided is written down before it is done; it may have lost the server in between. */
const WRITING_MS = 60;

/**
 * Law 21: a target that cannot reach the control plane keeps what it has: it takes nothing new, and gives up nothing that is well and,
 * by what it has written down, proven. What is not proven yet it may give up for being started again and again (law 9).
 */
export function law21(truth: Truth): Judge {
  const lostAt = new Map<Machine, number>();
  return {
    take: (fact) => {
      if (fact.kind === 'contact' && !fact.connected && !lostAt.has(fact.machine)) lostAt.set(fact.machine, truth.now);
      if (fact.kind === 'contact' && fact.connected) lostAt.delete(fact.machine);
      if (fact.kind === 'apply' && !fact.contact) {
        const { machine, to, slot } = fact;
        const aloneMs = truth.now - (lostAt.get(machine) ?? 0);
        return aloneMs < WRITING_MS * machine.slowness
          ? null
          : `${machine.name} applies ${to} in ${slot}, and has had no contact for ${Math.round(aloneMs)} ms`;
      }
      if (fact.kind !== 'undo' || fact.contact) return null;
      const { machine, slot, to } = fact;
      const { file, running } = machine.holding(slot);
      const proven = truth.log.lastKnownGood(machine.role, slot);
      const isProven = file === proven && running === proven && provenHere(machine, slot, file);
      const isWell = !machine.probesBroken && machine.takeBack === null && machine.isQuiet;
      const ordered = [...truth.log.rollouts.values()].some(
        ({ rollbackPosition, change }) => rollbackPosition !== null && change.slots[slot] === file,
      );
      return isProven && isWell && to !== file && !ordered
        ? `${machine.name} gives up ${file} in ${slot}, the last known good, while it has no contact`
        : null;
    },
  };
}
