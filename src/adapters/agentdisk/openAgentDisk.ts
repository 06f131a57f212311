import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../core/kernel/digest.ts';
import { type AgentDisk, AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Entropy } from '../../engine/ports/entropy.ts';
import { newUid } from '../../wire/opamp/instanceUid.ts';
import { agentPaths, readIdentity, readRecord, writeIdentity, writeRecord } from './agentDirectory.ts';
import { lockFile } from './directoryLock.ts';
import { diskError, readWhole, sha256, UNFINISHED, writeWhole } from './wholeFile.ts';

/**
 * Opens an agent's directory, which is made when it is not there (for its user alone: what is kept may be secret). Rejects with
 * an {@link AgentDiskError}.
 */
export async function openAgentDisk(directory: string, clock: Clock, entropy: Entropy): Promise<AgentDisk> {
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
    let identity = known ?? { uid: newUid(Math.max(0, clock.now()), entropy.bytes(16)), starts: 0, role: null };
    identity = { ...identity, starts: identity.starts + 1 };
    await writeIdentity(paths, identity).catch((error: unknown) => {
      // A full disk is no reason not to start: somebody must be there to go back.
      if (known === null || !(error instanceof AgentDiskError) || error.fault !== 'disk-full') throw error;
    });

    const keptPath = (digest: Digest) => join(paths.kept, digest.slice('sha256:'.length));
    const kept = async (digest: Digest) => {
      const bytes = await readWhole(keptPath(digest));
      return bytes !== null && `sha256:${sha256(bytes)}` === digest ? bytes : null;
    };
    return {
      uid: identity.uid,
      starts: identity.starts,
      role: identity.role,
      async rememberRole(role) {
        identity = { ...identity, role };
        await writeIdentity(paths, identity);
      },
      readRecord: (slot) => readRecord(paths, slot),
      writeRecord: (slot, record) => writeRecord(paths, slot, record),
      async keep(bytes) {
        const digest: Digest = `sha256:${sha256(bytes)}`;
        if ((await kept(digest)) === null) await writeWhole(keptPath(digest), bytes);
        return digest;
      },
      kept,
      async prune(needed) {
        for (const name of await readdir(paths.kept)) {
          if (name.startsWith(UNFINISHED) || needed().has(`sha256:${name}`)) continue;
          await rm(join(paths.kept, name), { force: true });
        }
      },
      async close() {
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
  }
}
