import { mayWait } from '../../core/rollout/release.ts';
import type { SlotStanding } from '../../core/rollout/tally.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { AssignmentSet } from '../ports/fleet.ts';

/** What is known of the target. */
interface Known {
  readonly connected: boolean;
  readonly slots: ReadonlyMap<SlotName, SlotStanding> | null;
  readonly failingChecks: readonly string[];
}

/**
 * Law 11 for agents that cannot wait by themselves: what a target is ordered to leave, and may still keep because it is well and
 * not its turn, is not taken from it. The same two documents for the whole role: one for those who go, one for those who wait.
 */
export class WaitingSets {
  readonly #made = new WeakMap<AssignmentSet, AssignmentSet>();

  /** The set, or the one for those who wait, by what the target last said. */
  setFor(set: AssignmentSet, uid: string, { connected, slots, failingChecks }: Known): AssignmentSet {
    const ordered = set.assignments.filter(({ release }) => release !== undefined);
    const well = connected && failingChecks.length === 0;
    const waits = ordered.every(({ slot, release }) => {
      const held = slots?.get(slot);
      const standing = { current: held?.current ?? null, atRest: held?.phase === 'settled', well };
      return release !== undefined && mayWait(release, uid, standing);
    });
    if (ordered.length === 0 || !waits) return set;
    let made = this.#made.get(set);
    if (made === undefined) {
      const assignments = set.assignments.map((assignment) => {
        const { release, kept = [] } = assignment;
        return release === undefined ? assignment : { ...assignment, kept: [...kept, release.artifact] };
      });
      made = { ...set, assignments };
      this.#made.set(set, made);
    }
    return made;
  }
}
