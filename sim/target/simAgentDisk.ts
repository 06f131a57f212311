import { artifactDigest } from '../../src/adapters/store/artifactDigest.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import { type AgentDisk, AgentDiskError } from '../../src/engine/ports/agentDisk.ts';
import type { Chance } from '../kernel/chance.ts';
import type { SimProcess } from '../kernel/simProcess.ts';
import type { Machine } from './machine.ts';

const WRITE_MS = 4;
const READ_MS = 1;

/** The agent's directory, as its process sees it. Whatever was half-way when that was killed, was or was not done. */
export function openSimAgentDisk(machine: Machine, process: SimProcess, chance: Chance): AgentDisk {
  const { directory } = machine;
  const uid = directory.uid ?? Buffer.from(chance.bytes(16)).toString('hex');
  directory.uid = uid;
  directory.starts += 1;
  const write = <T>(work: () => T): Promise<T> =>
    process.step(WRITE_MS * machine.slowness, () => {
      if (machine.diskFull) throw new AgentDiskError('disk-full', `${machine.name}: the disk is full`);
      return work();
    });
  return {
    uid,
    starts: directory.starts,
    startedAfter: directory.starts === 1 ? 'stop' : 'crash',
    role: directory.role,
    rememberRole: (role) =>
      write(() => {
        directory.role = role;
      }),
    readRecord: (slot) => process.step(READ_MS, () => directory.records.get(slot) ?? null),
    writeRecord: (slot, record) => write(() => void directory.records.set(slot, record)),
    keep(bytes) {
      const copy = new Uint8Array(bytes);
      const digest: Digest = artifactDigest(copy);
      if (directory.kept.has(digest)) return process.step(READ_MS, () => digest);
      return write(() => {
        directory.kept.set(digest, copy);
        return digest;
      });
    },
    kept: (digest) => process.step(READ_MS, () => directory.kept.get(digest) ?? null),
    prune: (needed) =>
      process.step(WRITE_MS, () => {
        for (const digest of [...directory.kept.keys()]) if (!needed().has(digest)) directory.kept.delete(digest);
      }),
    close: async () => {},
  };
}
