import type { EventData } from '../../src/core/record/event.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** Law 18: a quarantined change does not start again, and a target does not try the same revision again in the rollout in which it failed there. */
export function law18(truth: Truth): Judge {
  const quarantined = new Set<string>();
  const applied = new Map<string, number>();
  return {
    take: (fact) => {
      if (fact.kind === 'apply') {
        for (const rollout of truth.log.forward()) {
          if (rollout.change.slots[fact.slot] !== fact.to) continue;
          // Once, and once more after the way back was rehearsed.
          const key = `${truth.uidOf(fact.machine)}\n${fact.slot}\n${rollout.id}\n${rollout.provenAt !== null}`;
          const times = (applied.get(key) ?? 0) + 1;
          applied.set(key, times);
          if (times > 1) return `${fact.machine.name} tries ${fact.to} in ${fact.slot} a second time in ${rollout.id}`;
        }
      }
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type === 'DigestQuarantined') quarantined.add(String(data.change));
        if (type !== 'RolloutStarted') continue;
        const { id, change } = data as unknown as EventData['RolloutStarted'];
        if (quarantined.has(change.digest)) return `${id} starts ${change.name}, which is quarantined`;
      }
      return null;
    },
  };
}
