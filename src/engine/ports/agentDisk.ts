import type { StartedAfter } from '../../core/agent/slotInput.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { SlotName } from '../../core/topology/service.ts';

/**
 * The agent's own directory: who it is, what it was doing, and the bytes it can go back to. One agent at a time has it open,
 * which the operating system sees to: a killed agent's lock is free at once. What a call has resolved survives SIGKILL and power loss.
 * Failures reject with an {@link AgentDiskError} and leave what was there as it was.
 */
export interface AgentDisk {
  /** The agent's identity, 32 lower-case hexadecimal digits: made at the first start, the same ever after. */
  readonly uid: string;
  /** How often this directory was opened, this time included. Never the same twice. */
  readonly starts: number;
  /** What was before this start, as well as the disk can tell: what could not be written down looks like a crash. */
  readonly startedAfter: StartedAfter;
  /** The role the agent was first told it has; `null` before. Kept because an agent does not change its role by being told to. */
  readonly role: string | null;
  rememberRole(role: string): Promise<void>;

  /**
   * What was last written under a name: a slot's, or one without a slash, which no slot has. `null` when nothing was. A record that is
   * not as it was written rejects with `corrupt`.
   */
  readRecord(name: SlotName | 'trust'): Promise<string | null>;
  /** Replaces it as a whole. */
  writeRecord(name: SlotName | 'trust', record: string): Promise<void>;

  /** Keeps bytes under their SHA-256. */
  keep(bytes: Uint8Array): Promise<Digest>;
  /** Bytes that have this digest, checked at every use; `null` when there are none. */
  kept(digest: Digest): Promise<Uint8Array | null>;
  /** Throws away kept bytes that are not needed. `needed` is asked again for each. */
  prune(needed: () => ReadonlySet<string>): Promise<void>;

  /** Frees the directory, and writes down that this was in order. No call may follow. */
  close(): Promise<void>;
}

export type AgentDiskFault =
  | 'locked' // another agent has this directory open
  | 'disk-full'
  | 'corrupt' // a file is not as it was written
  | 'unavailable'; // anything else the disk says

/** `message` says what was wrong, where, and what to do. */
export class AgentDiskError extends Error {
  readonly fault: AgentDiskFault;
  constructor(fault: AgentDiskFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentDiskError';
    this.fault = fault;
  }
}
