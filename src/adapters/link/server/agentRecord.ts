import type { DurationMs } from '../../../core/kernel/instant.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { AssignmentSet, Confirmation } from '../../../engine/ports/fleet.ts';
import { uidBytes } from '../../../wire/opamp/instanceUid.ts';
import type { Channel } from './channel.ts';
import { type ForeignMemory, type ForeignState, NO_MEMORY, UNHEARD } from './foreignState.ts';
import { Sequence } from './sequence.ts';

/** What the server keeps of one agent, by its instance uid: across messages, connections and transports. */
export interface AgentRecord {
  readonly uid: string;
  readonly uidBytes: Uint8Array;
  readonly sequence: Sequence;
  /** Where it is connected; `null` while it is not. */
  channel: Channel | null;
  lastHeard: DurationMs;
  /** The target it says it is; `null` until it said so legibly. */
  target: Target | null;
  /** Why what it said of itself is not legible; empty otherwise. */
  fault: string;
  /** Whether the fleet has accepted it on this connection. */
  introduced: boolean;
  /** Why it was last not accepted; empty when it was. */
  refused: string;
  /** When it was last asked who it is. */
  askedAt: DurationMs;
  /** It speaks our custom capability. */
  isOurs: boolean;
  /** What it says by the standard's own means, and what came of what we offered by them. */
  state: ForeignState;
  memory: ForeignMemory;
  /** What the fleet was last told in its name, as JSON; empty: nothing on this connection. */
  reported: string;
  /** What it was last told on this connection. */
  toldSet: AssignmentSet | null;
  toldAt: DurationMs;
  toldDesired: string;
  readonly toldConfirmations: Set<string>;
  /** The uid it was given when it asked for one. */
  newUid: string | null;
  /** Its messages, and what it is told, are worked on one after the other. Never rejects. */
  tail: Promise<unknown>;
}

export function newRecord(uid: string): AgentRecord {
  return {
    uid,
    uidBytes: uidBytes(uid),
    sequence: new Sequence(),
    channel: null,
    lastHeard: 0,
    target: null,
    fault: '',
    introduced: false,
    refused: '',
    askedAt: 0,
    isOurs: false,
    state: UNHEARD,
    memory: NO_MEMORY,
    reported: '',
    toldSet: null,
    toldAt: 0,
    toldDesired: '',
    toldConfirmations: new Set(),
    newUid: null,
    tail: Promise.resolve(),
  };
}

/** Ties the agent to a channel. Whatever was told on another one may be lost; what it told us is not. */
export function connect(record: AgentRecord, channel: Channel): void {
  record.channel = channel;
  record.sequence.mayAskAgain();
  forgetTold(record);
}

export function disconnect(record: AgentRecord): void {
  record.channel = null;
  record.introduced = false;
  record.reported = '';
  forgetTold(record);
}

export function forgetTold(record: AgentRecord): void {
  record.toldSet = null;
  record.toldDesired = '';
  record.toldConfirmations.clear();
}

export function confirmationKey({ slot, generation, artifact }: Confirmation): string {
  return `${slot}\n${generation}\n${artifact}`;
}
