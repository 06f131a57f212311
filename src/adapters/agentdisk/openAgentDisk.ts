import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartedAfter } from '../../core/agent/slotInput.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { type AgentDisk, AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Entropy } from '../../engine/ports/entropy.ts';
import { newUid } from '../../wire/opamp/instanceUid.ts';
import {
  type AgentIdentity,
  agentPaths,
  keptPath,
  readIdentity,
  readKept,
  readRecord,
  writeIdentity,
  writeRecord,
} from './agentDirectory.ts';
import { lockFile } from './directoryLock.ts';
import { diskError, sha256, UNFINISHED, writeWhole } from './wholeFile.ts';

/**
 * Opens an agent's directory, which is made when it is not there (for its user alone: what is kept may be secret). `boot` is another
 * one each time the machine is booted, `null` where that cannot be told. Rejects with an {@link AgentDiskError}.
 */
export async function openAgentDisk(
  directory: string,
  clock: Clock,
  entropy: Entropy,
  boot: string | null,
): Promise<AgentDisk> {
  const paths = agentPaths(directory);
  try {
    for (const folder of [directory, paths.records, paths.kept]) await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskError(`cannot make the agent's directory ${directory}`, error);
  }
  const unlock = lockFile(paths.lock, directory);
  try {
    for (const folder of [paths.records, paths.kept]) await removeUnfinished(folder);
    const known = await readIdentity(paths);
    const startedAfter = endOf(known, boot);
    const fresh = { uid: newUid(Math.max(0, clock.now()), entropy.bytes(16)), starts: 0, role: null };
    let identity: AgentIdentity = { ...(known ?? fresh), starts: (known?.starts ?? 0) + 1, boot, ended: false };
    await writeIdentity(paths, identity).catch((error: unknown) => {
      // A full disk is no reason not to start: somebody must be there to go back.
      if (known === null || !(error instanceof AgentDiskError) || error.fault !== 'disk-full') throw error;
    });

    return {
      uid: identity.uid,
      starts: identity.starts,
      startedAfter,
      role: identity.role,
      async rememberRole(role) {
        identity = { ...identity, role };
        await writeIdentity(paths, identity);
      },
      readRecord: (slot) => readRecord(paths, slot),
      writeRecord: (slot, record) => writeRecord(paths, slot, record),
      async keep(bytes) {
        const digest: Digest = `sha256:${sha256(bytes)}`;
        if ((await readKept(paths, digest)) === null) await writeWhole(keptPath(paths, digest), bytes);
        return digest;
      },
      kept: (digest) => readKept(paths, digest),
      async prune(needed) {
        for (const name of await readdir(paths.kept)) {
          if (name.startsWith(UNFINISHED) || needed().has(`sha256:${name}`)) continue;
          await rm(join(paths.kept, name), { force: true });
        }
      },
      async close() {
        try {
          await writeIdentity(paths, { ...identity, ended: true });
        } catch (error) {
          // Then this end looks like a crash, which is the safe side.
          if (!(error instanceof AgentDiskError)) throw error;
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function endOf(known: AgentIdentity | null, boot: string | null): StartedAfter {
  if (known === null) return 'stop';
  if (known.boot !== null && boot !== null && known.boot !== boot) return 'boot';
  return known.ended ? 'stop' : 'crash';
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
  }
}
