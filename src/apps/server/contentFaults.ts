import { flagReader } from '../../adapters/flags/flagReader.ts';
import { templateFaults } from '../../engine/controlplane/labelsNeeded.ts';
import type { ContentFaults } from '../../engine/ports/contentFaults.ts';
import type { AgentKind, ServerKind } from '../../wire/manifest/changeKind.ts';

type Faults = (bytes: Uint8Array) => readonly string[];

/** By kind of change: what is wrong with what a slot is to hold. What only a target can tell, its agent says before anything moves. */
const FAULTS_OF: Readonly<Record<ServerKind, Faults> & Partial<Record<AgentKind, Faults>>> = {
  template: templateFaults,
  flags: (bytes) => {
    const read = flagReader.read(bytes);
    return read.ok ? [] : read.error;
  },
};

export const contentFaults: ContentFaults = (kind, bytes) =>
  (Object.hasOwn(FAULTS_OF, kind) && FAULTS_OF[kind as ServerKind](bytes)) || [];
