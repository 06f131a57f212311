import type { Content } from '../../src/core/agent/slot.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** From when a person at the target asks until it is back, where nothing makes the target slow; the agent may be at something else first. */
const TAKEN_BACK_MS = 60_000;

/**
 * Law 5: from the moment something unproven is in force until a whole rollout has proven it, the bytes of what was there before lie on
 * the target's own disk, whole; and going back asks nobody for bytes. What a person at the target takes back is back, with a server
 * or without.
 */
export function law5(truth: Truth): Judge {
  /** By machine and slot: what was there before the content that is there now. */
  const before = new Map<string, { readonly machine: Machine; readonly back: Content; readonly now: Content }>();
  const isProven = (machine: Machine, slot: string, content: Content) =>
    content === machine.baseline.get(slot) ||
    (truth.log.goods.get(`${machine.role}/${slot}`) ?? []).includes(content as never);
  const upSince = new Map<Machine, number>();
  return {
    take: (fact) => {
      if (fact.kind === 'agent') {
        if (fact.up) upSince.set(fact.machine, truth.now);
        else upSince.delete(fact.machine);
      }
      if (fact.kind === 'held' && fact.before.file !== fact.after.file) {
        const { machine, slot } = fact;
        const key = `${machine.name}/${slot}`;
        if (isProven(machine, slot, fact.after.file) || machine.isTheirs(fact.after.file)) before.delete(key);
        else if (machine.isTheirs(fact.before.file)) return null;
        else before.set(key, { machine, back: fact.before.file, now: fact.after.file });
      }
      if (fact.kind === 'fetch') {
        const reverting = [...fact.machine.directory.records].find(([, record]) => goesBackTo(record) === fact.digest);
        if (reverting !== undefined)
          return `${fact.machine.name} goes back in ${reverting[0]} and asks the server for the bytes of ${fact.digest}`;
      }
      return null;
    },
    look: () => {
      for (const [{ name, takeBack, worstSlowness }, since] of upSince) {
        if (takeBack === null || worstSlowness > 1) continue;
        const waitedMs = truth.now - Math.max(since, takeBack.at);
        if (waitedMs > TAKEN_BACK_MS)
          return `somebody at ${name} asked ${Math.round(waitedMs / 1000)} s ago for what was there before, and it is not back`;
      }
      for (const [key, { machine, back, now }] of before) {
        const slot = key.slice(machine.name.length + 1);
        if (machine.holding(slot).file !== now || isProven(machine, slot, now)) before.delete(key);
        else if (back !== 'absent' && !machine.directory.kept.has(back))
          return `${machine.name} holds ${now} in ${slot}, and the bytes of ${back}, which it held before, are not on its disk`;
      }
      return null;
    },
  };
}

/** Where the agent's own record says that the slot is going back to; `null`: it is not. */
function goesBackTo(record: string): string | null {
  if (!record.includes('"phase"')) return null;
  const { phase } = JSON.parse(record) as {
    readonly phase: { readonly name: string; readonly revert?: { readonly to: string } };
  };
  return phase.name === 'reverting' ? (phase.revert?.to ?? null) : null;
}
