import type { SlotReport } from '../../src/engine/ports/fleet.ts';
import type { LoggedRollout } from '../logBook.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { HeardReports } from './heardReports.ts';

/** The engine looks at least once a second and writes to a disk. */
const SLACK_MS = 5_000;
/** What nothing but a target's own checks speaks for is waited with, until those that were not touched would show the same (law 17). */
const BY_CHECKS = ['check-failed', 'sick-before'];
const COMMON_CAUSE_MS = 10_000;

/**
 * Law 22: a target that is known to have failed counts in every phase that is not over: paused, held, halted, waiting for a person.
 * Law 17 comes before it: while untouched targets are sick as well, holding is what is to be done.
 */
export function law22(truth: Truth): Judge {
  const heard = new HeardReports(() => truth.now);
  const sickAt = new Map<string, number>();
  const isAllRed = (server: string, rollout: LoggedRollout) => {
    if (!rollout.holds.has('all-red')) return false;
    for (const uid of truth.log.targets.keys()) {
      const machine = truth.machineOf(uid);
      if (machine === null || truth.log.openedStage(rollout, uid, machine.role, machine.labels) !== null) continue;
      if (heard.of(server, uid)?.sickSince != null) sickAt.set(rollout.id, truth.now);
    }
    return truth.now - (sickAt.get(rollout.id) ?? Number.NEGATIVE_INFINITY) < SLACK_MS;
  };
  /** By server and uid: the slots in which it reports failure, and since when of each. */
  const failing = new Map<
    string,
    { readonly slots: readonly SlotReport[]; readonly since: ReadonlyMap<string, number> }
  >();
  return {
    take: (fact) => {
      heard.take(fact);
      if (fact.kind === 'server') failing.clear();
      if (fact.kind === 'lost') failing.delete(`${fact.server} ${fact.uid}`);
      if (fact.kind !== 'reported') return null;
      const key = `${fact.server} ${fact.uid}`;
      // What a target refuses to take did no harm: that holds (law 23), and does not roll back.
      const slots = fact.report.slots.filter(({ phase, refusal }) => phase === 'failed' && refusal === undefined);
      if (slots.length === 0) failing.delete(key);
      else {
        const before = failing.get(key)?.since;
        failing.set(key, { slots, since: new Map(slots.map(({ slot }) => [slot, before?.get(slot) ?? truth.now])) });
      }
      return null;
    },
    look: () => {
      const server = truth.serverSince(SLACK_MS);
      if (server === null) return null;
      for (const rollout of truth.log.forward()) {
        if (isAllRed(server, rollout)) continue;
        for (const uid of truth.log.targets.keys()) {
          const failed = failing.get(`${server} ${uid}`);
          const machine = truth.machineOf(uid);
          if (failed === undefined || machine === null) continue;
          const slots = failed.slots.filter((slot) => isAbout(slot, rollout, machine.role));
          if (slots.length === 0) continue;
          const since = Math.min(...slots.map(({ slot }) => failed.since.get(slot) ?? truth.now));
          const byChecks = slots.every(({ failureCode }) => BY_CHECKS.includes(failureCode));
          const patienceMs = SLACK_MS + (byChecks ? COMMON_CAUSE_MS : 0);
          if (truth.now - Math.max(since, rollout.waveAt) < patienceMs) continue;
          if (truth.serverSince(patienceMs) === null) continue;
          if (truth.log.openedStage(rollout, uid, machine.role, machine.labels) === null) continue;
          const seconds = Math.round((truth.now - since) / 1000);
          return `${rollout.id} is ${sayStanding(rollout)}, and ${machine.name} has reported failure for ${seconds} s`;
        }
      }
      return null;
    },
  };
}

function isAbout({ slot, generation }: SlotReport, rollout: LoggedRollout, role: string): boolean {
  const isItsSlot = slot in rollout.change.slots && rollout.slotRoles[slot]?.includes(role) === true;
  return isItsSlot && generation >= rollout.position;
}

function sayStanding({ phase, paused, holds }: LoggedRollout): string {
  const held = holds.size > 0 ? `, held by ${[...holds].join(', ')}` : '';
  return `${paused ? 'paused and ' : ''}${phase}${held}`;
}
