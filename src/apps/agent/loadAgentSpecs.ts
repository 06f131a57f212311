import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AgentCheck, AgentSpec } from '../../wire/manifest/agent.ts';
import { parseManifests } from '../../wire/manifest/parseManifests.ts';
import { renderProblem } from '../../wire/manifest/renderProblem.ts';
import { resolvedSlot } from '../../wire/manifest/slot/agentSlots.ts';
import { AgentStartError } from './agentIo.ts';

/**
 * Every agent that the files describe (kind: Agent; several in a file will do), with relative paths resolved from the folder of
 * their file. Throws an {@link AgentStartError} with every mistake at its place.
 */
export function loadAgentSpecs(configFiles: readonly string[]): readonly AgentSpec[] {
  if (configFiles.length === 0) {
    throw new AgentStartError('no agent is named: give --config FILE, a manifest of kind Agent', true);
  }
  const mistakes: string[] = [];
  const specs: AgentSpec[] = [];
  for (const file of configFiles) {
    const text = readConfig(file);
    const parsed = parseManifests(text, file);
    if (!parsed.ok) mistakes.push(...parsed.error.map((problem) => renderProblem(problem, text)));
    else {
      for (const manifest of parsed.value) {
        if (manifest.kind === 'Agent') specs.push(fromFolder(dirname(resolve(file)), manifest.agent));
        else
          mistakes.push(`${file}: found a ${manifest.kind} (${manifest.name}), expected manifests of kind Agent only`);
      }
    }
  }
  mistakes.push(...sharedDirectories(specs));
  if (mistakes.length > 0) throw new AgentStartError(mistakes.join('\n'), true);
  return specs;
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AgentStartError(`cannot read ${file}: ${(error as Error).message}`, true, { cause: error });
  }
}

function sharedDirectories(specs: readonly AgentSpec[]): readonly string[] {
  const owners = new Map<string, string>();
  return specs.flatMap(({ name, directory }) => {
    const owner = owners.get(directory);
    owners.set(directory, owner ?? name);
    return owner === undefined
      ? []
      : [`agents ${owner} and ${name} have the same directory, ${directory}: give each its own`];
  });
}

function fromFolder(folder: string, spec: AgentSpec): AgentSpec {
  const at = (path: string) => resolve(folder, path);
  /** A program is looked up on the PATH unless a folder is named. */
  const program = ([first = '', ...rest]: readonly string[]) => [first.includes('/') ? at(first) : first, ...rest];
  const check = (each: AgentCheck): AgentCheck =>
    each.probe.kind === 'exec' ? { ...each, probe: { ...each.probe, command: program(each.probe.command) } } : each;
  return {
    ...spec,
    tokenFile: at(spec.tokenFile),
    directory: at(spec.directory),
    trust: { ...spec.trust, keysFile: spec.trust.keysFile && at(spec.trust.keysFile) },
    slots: Object.fromEntries(
      Object.entries(spec.slots).map(([name, slot]) => [name, resolvedSlot(slot, { path: at, command: program })]),
    ),
    checks: spec.checks.map(check),
  };
}
