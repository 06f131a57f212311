import { SharedMap, SharedMapDraft } from '../kernel/sharedMap.ts';
import { roleKey } from '../rollout/assignment.ts';
import { nameKey, type Target } from '../topology/target.ts';
import type { World } from './world.ts';

type Roster = Pick<World, 'targets' | 'targetNames' | 'roleSizes'>;

interface Writable {
  readonly targets: SharedMapDraft<Target>;
  readonly names: SharedMapDraft<string>;
  readonly sizes: Map<string, number>;
}

/** The targets of a world under construction, and what is looked up about them. An event costs the same however many there are. */
export class RosterDraft {
  readonly #before: Roster;
  #next: Writable | null = null;

  constructor(before: Roster) {
    this.#before = before;
  }

  enrol(target: Target): void {
    const { targets, names, sizes } = this.#writable();
    this.retire(target.uid);
    targets.set(target.uid, target);
    names.set(nameKey(target), target.uid);
    const role = roleKey(target.service, target.role);
    sizes.set(role, (sizes.get(role) ?? 0) + 1);
  }

  retire(uid: string): void {
    const { targets, names, sizes } = this.#writable();
    const target = targets.get(uid);
    if (target === undefined) return;
    targets.delete(uid);
    // Its name may be somebody else's by now.
    if (names.get(nameKey(target)) === uid) names.delete(nameKey(target));
    const role = roleKey(target.service, target.role);
    const left = (sizes.get(role) ?? 0) - 1;
    if (left > 0) sizes.set(role, left);
    else sizes.delete(role);
  }

  done(): Roster {
    if (this.#next === null) {
      const { targets, targetNames, roleSizes } = this.#before;
      return { targets, targetNames, roleSizes };
    }
    const { targets, names, sizes } = this.#next;
    return { targets: targets.done(), targetNames: names.done(), roleSizes: sizes };
  }

  #writable(): Writable {
    this.#next ??= {
      targets: new SharedMapDraft(SharedMap.from(this.#before.targets)),
      names: new SharedMapDraft(SharedMap.from(this.#before.targetNames)),
      sizes: new Map(this.#before.roleSizes),
    };
    return this.#next;
  }
}
