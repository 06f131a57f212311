import { flagReader } from '../../adapters/flags/flagReader.ts';
import type { ContentFaults } from '../../engine/ports/contentFaults.ts';
import type { ServerKind } from '../../wire/manifest/changeKind.ts';

/** By kind of change: what is wrong with what a slot is to hold. Of kinds that agents carry out, the agents say so themselves. */
const FAULTS_OF: Readonly<Record<ServerKind, (bytes: Uint8Array) => readonly string[]>> = {
  flags: (bytes) => {
    const read = flagReader.read(bytes);
    return read.ok ? [] : read.error;
  },
};

export const contentFaults: ContentFaults = (kind, bytes) =>
  Object.hasOwn(FAULTS_OF, kind) ? FAULTS_OF[kind as ServerKind](bytes) : [];
