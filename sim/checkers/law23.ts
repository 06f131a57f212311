import { sameData } from '../../src/core/kernel/canonicalJson.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import { place } from '../../src/core/kernel/place.ts';
import type { Assignment } from '../../src/core/rollout/assignment.ts';
import type { AssignmentSet } from '../../src/engine/ports/fleet.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

interface Heard {
  readonly assignment: Assignment;
  readonly permits: AssignmentSet['permits'];
  readonly at: number;
  /** What was known until then. */
  readonly before: Heard | null;
}

/** What was decided is written down before it is done: whatever is heard in between comes after it. */
const WRITING_MS = 60;

/**
 * Law 23: an agent applies only what the newest document for its own service, role and slot gives to its own labels and place, whatever
 * else reaches it; with a permit for just that, on the word of no key that it was told is retired; and nothing in a first stage where
 * its own file forbids that.
 */
export function law23(truth: Truth): Judge {
  const newest = new Map<string, Heard>();
  /** Keys that the target with this uid was told are retired. */
  const retired = new Map<string, Set<string>>();

  const hear = (machine: Machine, set: AssignmentSet) => {
    const uid = truth.uidOf(machine);
    for (const assignment of set.assignments) {
      if (assignment.role !== machine.role || assignment.service !== 'shop') continue;
      const key = `${uid}/${assignment.slot}`;
      const last = newest.get(key) ?? null;
      const known = last?.assignment.generation ?? -1;
      if (known > assignment.generation) continue;
      // What comes again under the same generation says the same, or is refused; but what no permit fits was never taken for true.
      const differs = known === assignment.generation && !sameData(last?.assignment, assignment);
      if (differs && isCovered(last)) continue;
      const before = last === null ? null : { ...last, before: null };
      newest.set(key, { assignment, permits: set.permits, at: truth.now, before });
    }
    const keys = retired.get(uid) ?? new Set();
    for (const { id, retirement } of set.keys) if (retirement !== null) keys.add(id);
    retired.set(uid, keys);
  };

  /** Why the target may not apply this, as far as it knows; `null`: it may. */
  const faultOf = (heard: Heard | null, machine: Machine, slot: string, to: Digest): string | null => {
    const uid = truth.uidOf(machine);
    const candidate = heard?.assignment.candidate ?? null;
    const stage = openedBy(candidate, machine, uid);
    const wanted = stage === null ? (heard?.assignment.lastKnownGood ?? null) : (candidate?.artifact ?? null);
    if (wanted !== to) return `the newest document for it says ${wanted ?? 'nothing'}`;
    if (stage === 0 && machine.neverFirst) return 'its own file forbids that it is one of the first';
    const permits = heard?.permits.filter(({ document }) => document.slots[slot] === to) ?? [];
    const fitting = permits.filter(({ document }) =>
      stage === null ? document.stage === null : sameData(document.openings, candidate?.openings),
    );
    if (fitting.length === 0) return 'no permit that it has heard of opens that';
    return fitting.every(({ key }) => retired.get(uid)?.has(key))
      ? 'it knows that the key of its permit is retired'
      : null;
  };

  return {
    take: (fact) => {
      if (fact.kind === 'assigned') hear(fact.machine, fact.set);
      if (fact.kind !== 'apply' || fact.to === 'absent') return null;
      const { machine, slot, to } = fact;
      const heard = newest.get(`${truth.uidOf(machine)}/${slot}`) ?? null;
      const fault = faultOf(heard, machine, slot, to);
      const isNews = heard !== null && truth.now - heard.at < WRITING_MS * machine.slowness;
      if (fault === null || (isNews && faultOf(heard.before, machine, slot, to) === null)) return null;
      return `${machine.name} applies ${to} in ${slot}, and ${fault}`;
    },
  };
}

/** Whether leave came with the document for just what it opens. */
function isCovered(heard: Heard | null): boolean {
  const candidate = heard?.assignment.candidate ?? null;
  if (heard === null || candidate === null) return heard !== null;
  return heard.permits.some(({ document }) => sameData(document.openings, candidate.openings));
}

/** The first stage that gives the candidate to this target; `null`: none does. */
function openedBy(candidate: Assignment['candidate'], machine: Machine, uid: string): number | null {
  const stage = candidate?.openings.findIndex(
    ({ targets, below }) =>
      place(candidate.rollout, uid) < below &&
      Object.entries(targets).every(([label, values]) => values.includes(machine.labels[label] ?? '')),
  );
  return stage === undefined || stage === -1 ? null : stage;
}
