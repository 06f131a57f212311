import type { Content } from '../../core/agent/slot.ts';
import type { SlotName } from '../../core/topology/service.ts';

/** How people at the target reach an agent that runs: through its own directory, which needs no server and no network. */
export interface TakeBackRequests {
  /** The request that waits to be carried out; `null` for none. The same one until it is answered. */
  next(): Promise<TakeBackRequest | null>;
  /** Ends the request. */
  answer(id: string, slots: readonly TakenBackSlot[]): Promise<void>;
}

export interface TakeBackRequest {
  readonly id: string;
  /** `null`: every slot. */
  readonly slot: SlotName | null;
  /** One of what was proven here; `null`: the newest that is older than what is in force. */
  readonly to: Content | null;
  /** Who wants it, and why. */
  readonly says: string;
}

export interface TakenBackSlot {
  readonly slot: SlotName;
  /**
   * `stuck`: it was put back, but that it is in force cannot be shown; the agent goes on trying. `not-proven-here`: what was named is
   * not among what can be gone back to; nothing was changed.
   */
  readonly outcome: 'back' | 'nothing-older' | 'not-proven-here' | 'stuck';
  readonly holds: Content | null;
  /** How it was shown to be in force. */
  readonly verifiedBy: string;
  readonly says: string;
}
