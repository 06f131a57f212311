import type { Slot } from '../../core/agent/slot.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';
import { mayWait, waitMs } from '../../core/rollout/release.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Clock } from '../ports/clock.ts';

interface Waiting {
  readonly generation: number;
  readonly deliver: () => void;
  readonly cancel: () => void;
}

/**
 * Orders to go back that this target may wait with (law 11): it is well on what it leaves, and others of its failure domain go
 * first. An order that waits is as good as one that came later. It waits until a newer one comes, until a check fails, or until
 * nothing newer has been heard for as long as the order says: going back then needs no server (law 5).
 */
export class ReleaseWait {
  readonly #clock: Clock;
  readonly #waiting = new Map<SlotName, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Delivers the order, now or later. Every order for the slot replaces the one before it. */
  take(
    assignment: Assignment,
    slot: Slot,
    target: { readonly uid: string; readonly well: boolean },
    deliver: () => void,
  ): void {
    const { release, generation } = assignment;
    const before = this.#waiting.get(assignment.slot);
    // Told again, as over a new connection: the time that has passed counts.
    if (before?.generation === generation && target.well) return;
    before?.cancel();
    this.#waiting.delete(assignment.slot);
    const standing = { current: slot.current, atRest: isConfirmed(slot), well: target.well };
    if (release === undefined || !mayWait(release, target.uid, standing)) {
      deliver();
      return;
    }
    const cancel = this.#clock.after(waitMs(release, target.uid), () => this.#deliver(assignment.slot));
    this.#waiting.set(assignment.slot, { generation, deliver, cancel });
  }

  /** The target is unwell: it goes back now. */
  hurry(): void {
    for (const slot of [...this.#waiting.keys()]) this.#deliver(slot);
  }

  /** What waits is forgotten; the server says it again. */
  stop(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  #deliver(slot: SlotName): void {
    const waiting = this.#waiting.get(slot);
    if (waiting === undefined) return;
    this.#waiting.delete(slot);
    waiting.cancel();
    waiting.deliver();
  }
}

function isConfirmed({ phase, holds, current }: Slot): boolean {
  return (phase.name === 'settled' || phase.name === 'watching') && current === holds;
}
