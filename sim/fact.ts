import type { Content } from '../src/core/agent/slot.ts';
import type { Digest } from '../src/core/kernel/digest.ts';
import type { SlotName } from '../src/core/topology/service.ts';
import type { AssignmentSet, Confirmation, TargetReport } from '../src/engine/ports/fleet.ts';
import type { StoredEvent } from '../src/wire/storedEvent.ts';
import type { Machine } from './target/machine.ts';

/**
 * What really happened, as somebody sees it who stands beside the system: on disks, in services, on the wire. Checkers judge by
 * these alone, never by what the system says of itself.
 */
export type Fact =
  /** Events became durable. `expected`: where the writer believed the log to end. */
  | {
      readonly kind: 'appended';
      readonly server: string;
      readonly expected: number;
      readonly events: readonly StoredEvent[];
    }
  /** The store told the server that they are. */
  | { readonly kind: 'acknowledged'; readonly server: string; readonly events: readonly StoredEvent[] }
  | { readonly kind: 'server'; readonly server: string; readonly up: boolean }
  /** A file or what the service runs is another content now. */
  | {
      readonly kind: 'held';
      readonly machine: Machine;
      readonly slot: SlotName;
      readonly before: Holding;
      readonly after: Holding;
    }
  /** The agent begins to put something in force. `contact`: whether it believed that the server can be reached. */
  | {
      readonly kind: 'apply';
      readonly machine: Machine;
      readonly slot: SlotName;
      readonly to: Content;
      readonly contact: boolean;
    }
  | {
      readonly kind: 'undo';
      readonly machine: Machine;
      readonly slot: SlotName;
      readonly to: Content;
      readonly contact: boolean;
    }
  /** The agent asks the server for bytes. */
  | { readonly kind: 'fetch'; readonly machine: Machine; readonly digest: Digest }
  /** Reached the agent. */
  | { readonly kind: 'assigned'; readonly machine: Machine; readonly set: AssignmentSet }
  | { readonly kind: 'confirmed'; readonly machine: Machine; readonly confirmation: Confirmation }
  | { readonly kind: 'contact'; readonly machine: Machine; readonly connected: boolean }
  /** Reached the engine. */
  | { readonly kind: 'reported'; readonly server: string; readonly uid: string; readonly report: TargetReport }
  /** Anything else by which the engine knows that it is there. */
  | { readonly kind: 'heard'; readonly server: string; readonly uid: string }
  | { readonly kind: 'lost'; readonly server: string; readonly uid: string }
  | { readonly kind: 'agent'; readonly machine: Machine; readonly up: boolean }
  /** A person asked, and was answered: `refused` is the first refusal's code, `null` when it was done. */
  | {
      readonly kind: 'command';
      readonly does: string;
      readonly rollout: string | null;
      readonly refused: string | null;
      readonly says: string;
    }
  | { readonly kind: 'fault'; readonly says: string };

/** What one slot of a target holds: in its file, and in the running service. */
export interface Holding {
  readonly file: Content;
  readonly running: Content;
}

export type Witness = (fact: Fact) => void;
