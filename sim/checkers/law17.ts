import type { EventData } from '../../src/core/record/event.ts';
import type { LoggedRollout } from '../logBook.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { HeardReports } from './heardReports.ts';

/** For so long the server has known that somebody is sick before it is expected to have taken that into account. */
const KNOWN_MS = 500;
/** What a target says of itself when nothing but its own checks speaks against the change. */
const BY_CHECKS = ['check-failed', 'unhealthy'];

/**
 * Law 17: where half of the targets that the change has not touched are known to be sick as well, a common cause is suspected: the fleet
 * is not taken back on the word of these checks.
 */
export function law17(truth: Truth): Judge {
  const heard = new HeardReports(() => truth.now);
  /** Who was touched, and whether nothing but checks speaks against the change there. */
  const standing = (server: string, rollout: LoggedRollout) => {
    const touched: boolean[] = [];
    const untouchedSick: boolean[] = [];
    for (const uid of truth.log.targets.keys()) {
      const machine = truth.machineOf(uid);
      if (machine === null || !rollout.change.roles.includes(machine.role)) continue;
      const known = heard.of(server, uid);
      if (truth.log.openedStage(rollout, uid, machine.role, machine.labels) === null) {
        if (known !== null) untouchedSick.push(known.sickSince !== null && truth.now - known.sickSince >= KNOWN_MS);
        continue;
      }
      const slots = known?.report.slots.filter(({ slot }) => slot in rollout.change.slots) ?? [];
      const otherwise = slots.some(({ phase, failureCode }) => phase !== 'settled' && !BY_CHECKS.includes(failureCode));
      touched.push(known !== null && !otherwise);
    }
    return { onlyChecks: touched.every(Boolean), half: isHalf(untouchedSick) };
  };
  return {
    take: (fact) => {
      heard.take(fact);
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type !== 'RollbackOrdered') continue;
        const { id, code } = data as unknown as EventData['RollbackOrdered'];
        const rollout = truth.log.rollouts.get(id);
        // A server whose store has lost its rings does not know whom it has touched.
        if (code !== 'target-failed' || rollout === undefined || truth.scene.ringsAreLost) continue;
        const { onlyChecks, half } = standing(fact.server, rollout);
        if (onlyChecks && half)
          return `${id} is rolled back for failing checks, and half of those that it has not touched fail theirs as well`;
      }
      return null;
    },
  };
}

function isHalf(list: readonly boolean[]): boolean {
  return list.length > 0 && list.filter(Boolean).length >= list.length / 2;
}
