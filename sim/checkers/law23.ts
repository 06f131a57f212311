import { place } from '../../src/core/kernel/place.ts';
import type { Assignment } from '../../src/core/rollout/assignment.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/**
 * Law 23, without signatures: an agent applies only what the newest document for its own service, role and slot gives to its own labels
 * and place, whatever else reaches it.
 */
export function law23(truth: Truth): Judge {
  const newest = new Map<string, Assignment>();
  return {
    take: (fact) => {
      if (fact.kind === 'assigned') {
        for (const assignment of fact.set.assignments) {
          if (assignment.role !== fact.machine.role || assignment.service !== 'shop') continue;
          const key = `${fact.machine.name}/${assignment.slot}`;
          if ((newest.get(key)?.generation ?? -1) < assignment.generation) newest.set(key, assignment);
        }
      }
      if (fact.kind !== 'apply') return null;
      const { machine, slot, to } = fact;
      const wanted = wantedBy(newest.get(`${machine.name}/${slot}`), machine, truth.uidOf(machine));
      return wanted === to
        ? null
        : `${machine.name} applies ${to} in ${slot}; the newest document for it says ${wanted ?? 'nothing'}`;
    },
  };
}

function wantedBy(assignment: Assignment | undefined, machine: Machine, uid: string): string | null {
  if (assignment === undefined) return null;
  const { candidate, lastKnownGood } = assignment;
  const opened = candidate?.openings.some(
    ({ targets, below }) =>
      place(candidate.rollout, uid) < below &&
      Object.entries(targets).every(([label, values]) => values.includes(machine.labels[label] ?? '')),
  );
  return opened ? (candidate?.artifact ?? null) : lastKnownGood;
}
