import { parse as parseYaml } from 'yaml';
import type { FlagSet } from '../../core/flags/flagSet.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { FlagReader, ReadFlags } from '../../engine/ports/flags.ts';
import { readFlagDocument } from '../../wire/manifest/flagSet.ts';
import { type CompiledTargeting, compileTargeting } from './flagTargeting.ts';

/** Flag sets are JSON or YAML; rules are in the Common Expression Language. */
export const flagReader: FlagReader = { read };

function read(bytes: Uint8Array): Result<ReadFlags, readonly string[]> {
  const document = parse(bytes);
  if (!document.ok) return err([document.error]);
  const flags = readFlagDocument(document.value);
  if (!flags.ok) return flags;
  const compiled = new Map<string, CompiledTargeting>();
  const faults = [...rulesOf(flags.value)].flatMap(([where, when]) => {
    const targeting = compileTargeting(when);
    if (!targeting.ok) return [`${where}: ${targeting.error}`];
    compiled.set(when, targeting.value);
    return [];
  });
  if (faults.length > 0) return err(faults);
  return ok({
    flags: flags.value,
    targeting: (when, user) => compiled.get(when)?.(user) ?? err('it is no rule of these flags'),
  });
}

function* rulesOf(flags: FlagSet): Generator<[where: string, when: string]> {
  for (const [key, { rules }] of flags)
    for (const [index, { when }] of rules.entries()) yield [`flags.${key}.rules[${index}].when`, when];
}

function parse(bytes: Uint8Array): Result<unknown, string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return ok(text.trimStart().startsWith('{') ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 100 }));
  } catch (error) {
    const [says] = (error instanceof Error ? error.message : String(error)).split('\n');
    return err(`it is neither JSON nor YAML: ${says}`);
  }
}
