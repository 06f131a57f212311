import { join } from 'node:path';
import type { Digest } from '../../core/kernel/digest.ts';
import type { SlotName } from '../../core/topology/service.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import { readWhole, sealed, sha256, unsealed, writeWhole } from './wholeFile.ts';

/** Where things are in an agent's directory. */
export interface AgentPaths {
  readonly lock: string;
  readonly identity: string;
  readonly records: string;
  readonly kept: string;
}

export function agentPaths(directory: string): AgentPaths {
  return {
    lock: join(directory, 'lock'),
    identity: join(directory, 'identity'),
    records: join(directory, 'slots'),
    kept: join(directory, 'kept'),
  };
}

export interface AgentIdentity {
  readonly uid: string;
  readonly starts: number;
  readonly role: string | null;
  /** Under which boot of the machine it last ran; `null` where the machine does not say. */
  readonly boot: string | null;
  /** Whether it was ended in order since. */
  readonly ended: boolean;
}

/** `null`: no agent was ever started with this directory. */
export async function readIdentity({ identity }: AgentPaths): Promise<AgentIdentity | null> {
  const bytes = await readWhole(identity);
  if (bytes === null) return null;
  const { uid, starts, role, boot, ended } = JSON.parse(unsealed(identity, bytes)) as Partial<AgentIdentity>;
  if (typeof uid !== 'string' || !/^[0-9a-f]{32}$/.test(uid) || !Number.isSafeInteger(starts)) {
    throw new AgentDiskError(
      'corrupt',
      `${identity} does not hold an identity; remove it, and this becomes a new target`,
    );
  }
  // Agents of before did not write down how they ended: nothing is held against what they left.
  return { uid, starts: starts as number, role: role ?? null, boot: boot ?? null, ended: ended ?? true };
}

export async function writeIdentity({ identity }: AgentPaths, value: AgentIdentity): Promise<void> {
  await writeWhole(identity, sealed(JSON.stringify(value)));
}

/** `null`: nothing was ever written for this slot. Readable while an agent runs: records are replaced as a whole. */
export async function readRecord(paths: AgentPaths, slot: SlotName): Promise<string | null> {
  const path = recordPath(paths, slot);
  const bytes = await readWhole(path);
  return bytes === null ? null : unsealed(path, bytes);
}

export async function writeRecord(paths: AgentPaths, slot: SlotName, record: string): Promise<void> {
  await writeWhole(recordPath(paths, slot), sealed(record));
}

/** Kept bytes, checked against their name; `null`: there are none, or they are not what they were. */
export async function readKept(paths: AgentPaths, digest: Digest): Promise<Uint8Array | null> {
  const bytes = await readWhole(keptPath(paths, digest));
  return bytes !== null && `sha256:${sha256(bytes)}` === digest ? bytes : null;
}

export function keptPath({ kept }: AgentPaths, digest: Digest): string {
  return join(kept, digest.slice('sha256:'.length));
}

function recordPath({ records }: AgentPaths, slot: SlotName): string {
  return join(records, `${encodeURIComponent(slot)}.json`);
}
