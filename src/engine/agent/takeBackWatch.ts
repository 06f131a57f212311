import type { Content, Slot } from '../../core/agent/slot.ts';
import { provenHere } from '../../core/agent/takingBackSteps.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { TakeBackRequest, TakeBackRequests, TakenBackSlot } from '../ports/takeBackRequests.ts';
import type { SlotRunner } from './slotRunner.ts';

/** How often the directory is looked at. */
const LOOK_EVERY_MS = 250;

/** Takes slots back when a person at the target asks for it (law 5). It asks neither the server nor any check. */
export class TakeBackWatch {
  readonly #requests: TakeBackRequests;
  readonly #slots: ReadonlyMap<SlotName, SlotRunner>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #cancel = () => {};
  #stopped = false;
  #told = '';

  constructor(
    requests: TakeBackRequests,
    slots: ReadonlyMap<SlotName, SlotRunner>,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#requests = requests;
    this.#slots = slots;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    try {
      const request = await this.#requests.next();
      if (request !== null && !this.#stopped) {
        this.#logger.warn(`going back, as ordered on this target: ${request.says}`);
        await this.#requests.answer(request.id, await takeBack(this.#slots, request));
      }
      this.#told = '';
    } catch (error) {
      // Said once; the next look may find it better.
      const says = `a revert that was asked for here cannot be carried out: ${String(error)}`;
      if (says !== this.#told) this.#logger.error(says);
      this.#told = says;
    }
    if (!this.#stopped) this.start();
  }
}

/** Resolves when each slot has come to rest. */
export async function takeBack(
  slots: ReadonlyMap<SlotName, SlotRunner>,
  { slot, to, says }: Omit<TakeBackRequest, 'id'>,
): Promise<readonly TakenBackSlot[]> {
  const meant = [...slots.values()].filter(({ name }) => slot === null || name === slot);
  return Promise.all(meant.map(async (runner) => outcomeOf(await runner.takeBack(to, says), to)));
}

function outcomeOf(slot: Slot, to: Content | null): TakenBackSlot {
  const { name, phase, holds, takenBack, verifiedBy } = slot;
  const rest = { slot: name, holds, verifiedBy };
  if (phase.name === 'stuck') return { ...rest, outcome: 'stuck', holds: phase.revert.to, says: phase.says };
  if (to !== null && holds !== to) {
    const known = [...provenHere(slot)].join(', ') || 'nothing';
    return { ...rest, outcome: 'not-proven-here', says: `${to} cannot be gone back to here; there is: ${known}` };
  }
  if (to !== null || takenBack.length > 0) return { ...rest, outcome: 'back', says: '' };
  return { ...rest, outcome: 'nothing-older', says: 'nothing that was proven here is older than what it holds' };
}
