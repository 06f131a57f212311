import { join } from 'node:path';
import type { SlotName } from '../../core/topology/service.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import { readWhole, sealed, unsealed, writeWhole } from './wholeFile.ts';

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
}

/** `null`: no agent was ever started with this directory. */
export async function readIdentity({ identity }: AgentPaths): Promise<AgentIdentity | null> {
  const bytes = await readWhole(identity);
  if (bytes === null) return null;
  const { uid, starts, role } = JSON.parse(unsealed(identity, bytes)) as Partial<AgentIdentity>;
  if (typeof uid !== 'string' || !/^[0-9a-f]{32}$/.test(uid) || !Number.isSafeInteger(starts)) {
    throw new AgentDiskError(
      'corrupt',
      `${identity} does not hold an identity; remove it, and this becomes a new target`,
    );
  }
  return { uid, starts: starts as number, role: role ?? null };
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

function recordPath({ records }: AgentPaths, slot: SlotName): string {
  return join(records, `${encodeURIComponent(slot)}.json`);
}
