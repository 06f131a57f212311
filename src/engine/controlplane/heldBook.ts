import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotStanding } from '../../core/rollout/tally.ts';
import type { SlotName } from '../../core/topology/service.ts';

type Slots = ReadonlyMap<SlotName, SlotStanding>;

interface Held {
  /** `undefined`: on its way from one to another. */
  readonly artifact: Digest | null | undefined;
  /** By a clock that never jumps. */
  readonly since: DurationMs;
}

/** Since when each target has held what it holds, by its own word: figures that do not say under what they were measured need it. */
export class HeldBook {
  readonly #targets = new Map<string, { readonly said: Slots; readonly held: ReadonlyMap<SlotName, Held> }>();

  /** What a target says of its slots now; the same object as before is no news. */
  heard(uid: string, said: Slots, now: DurationMs): void {
    const before = this.#targets.get(uid);
    if (before?.said === said) return;
    const held = new Map<SlotName, Held>();
    for (const [slot, standing] of said) {
      const [known, artifact] = [before?.held.get(slot), inForce(standing)];
      held.set(slot, known !== undefined && known.artifact === artifact ? known : { artifact, since: now });
    }
    this.#targets.set(uid, { said, held });
  }

  forget(uid: string): void {
    this.#targets.delete(uid);
  }

  /** What the target has held in a slot at all times since then; `undefined` where it was not one thing, or is not known. */
  heldSince(uid: string, slot: SlotName, then: DurationMs): Digest | null | undefined {
    const held = this.#targets.get(uid)?.held.get(slot);
    return held === undefined || held.since > then ? undefined : held.artifact;
  }
}

function inForce({ phase, current }: Pick<SlotStanding, 'phase' | 'current'>): Digest | null | undefined {
  return phase === 'settled' || phase === 'provisional' || phase === 'failed' ? current : undefined;
}
