import { parse as parseYaml } from 'yaml';
import { flagReader } from '../../adapters/flags/flagReader.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { templateFaults } from '../../engine/controlplane/labelsNeeded.ts';
import type { ContentFaults } from '../../engine/ports/contentFaults.ts';
import type { AgentKind, ServerKind } from '../../wire/manifest/changeKind.ts';
import { readPackageDescriptor } from '../../wire/package/packageDescriptor.ts';

type Faults = (bytes: Uint8Array) => readonly string[];

import { readOpampPackage } from '../../wire/manifest/opampPackage.ts';

/** By kind of change: what is wrong with what a slot is to hold. What only a target can tell, its agent says before anything moves. */
const FAULTS_OF: Readonly<Record<ServerKind, Faults> & Partial<Record<AgentKind, Faults>>> = {
  template: templateFaults,
  package: (bytes) => {
    const read = readPackageDescriptor(bytes);
    return read.ok ? [] : [read.error];
  },
  opamp: (bytes) => {
    const document = parseDocument(bytes);
    const read = document.ok ? readOpampPackage(document.value) : err([document.error]);
    return read.ok ? [] : read.error;
  },
  flags: (bytes) => {
    const read = flagReader.read(bytes);
    return read.ok ? [] : read.error;
  },
};

export const contentFaults: ContentFaults = (kind, bytes) =>
  (Object.hasOwn(FAULTS_OF, kind) && FAULTS_OF[kind as ServerKind](bytes)) || [];

function parseDocument(bytes: Uint8Array): Result<unknown, string> {
  try {
    return ok(parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), { maxAliasCount: 100 }));
  } catch (error) {
    const [says] = (error instanceof Error ? error.message : String(error)).split('\n');
    return err(`it is neither JSON nor YAML: ${says}`);
  }
}
