import { type SetMember, waitsFor } from '../../core/agent/changeSet.ts';
import type { Move } from '../../core/agent/slot.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';

interface Waiting {
  readonly rollout: string;
  readonly go: () => void;
}

/** Holds a prepared slot back until the others of its change are prepared too, and until those that come before it are in force. */
export class SetGate {
  readonly #members: () => readonly Omit<SetMember, 'ready'>[];
  readonly #target: () => Target;
  readonly #waiting = new Map<SlotName, Waiting>();

  constructor(members: () => readonly Omit<SetMember, 'ready'>[], target: () => Target) {
    this.#members = members;
    this.#target = target;
  }

  /** Resolves when the slot may be applied, or when that is not wanted any more. Nothing limits the wait here: the rollout's own deadline does. */
  pass(name: SlotName, { rollout }: Move, signal: AbortSignal): Promise<void> {
    if (rollout === null || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiting.delete(name);
        resolve();
      };
      this.#waiting.set(name, { rollout, go: leave });
      signal.addEventListener('abort', leave, { once: true });
      this.look();
    });
  }

  /** Something about a slot is different now. */
  look(): void {
    // Who may go is decided for all before any goes: one that goes is not ready any more, and not yet on its way either.
    const members = this.#members().map((each) => ({ ...each, ready: this.#waiting.has(each.slot.name) }));
    const free = [...this.#waiting].filter(
      ([name, { rollout }]) => waitsFor(name, rollout, members, this.#target()).length === 0,
    );
    for (const [, { go }] of free) go();
  }
}
