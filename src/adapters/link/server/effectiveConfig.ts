import { parse as parseYaml } from 'yaml';

/** Files by their names. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What an agent runs with, beside what it was given. */
export interface ConfigEffect {
  /**
   * `shown`: all that it was given is in it. `contradicted`: it has another value where it was given one. `unsaid`: neither, for an agent may
   * run with more than it was given, leave out what goes by default, and hide what is secret.
   */
  readonly kind: 'shown' | 'contradicted' | 'unsaid';
  /** Where it differs; empty unless it is contradicted. */
  readonly says: string;
}

const UNSAID: ConfigEffect = { kind: 'unsaid', says: '' };
const SHOWN: ConfigEffect = { kind: 'shown', says: '' };

/** Compares as far as both can be read as YAML or JSON. Lists may have been added to. */
export function effectOf(given: Files, runs: Files): ConfigEffect {
  let isShown = given.size > 0;
  for (const [name, bytes] of given) {
    const running = runs.get(name) ?? (given.size === 1 && runs.size === 1 ? [...runs.values()][0] : undefined);
    if (running === undefined) return UNSAID;
    if (Buffer.compare(bytes, running) === 0) continue;
    const [wanted, found] = [readYaml(bytes), readYaml(running)];
    if (wanted === null || found === null) return UNSAID;
    const effect = compare(wanted, found, '');
    if (effect.kind === 'contradicted') return effect;
    if (effect.kind === 'unsaid') isShown = false;
  }
  return isShown ? SHOWN : UNSAID;
}

function compare(given: unknown, runs: unknown, path: string): ConfigEffect {
  if (isMapping(given) && isMapping(runs)) {
    let effect = SHOWN;
    for (const [key, value] of Object.entries(given)) {
      const at = path === '' ? key : `${path}.${key}`;
      const part = Object.hasOwn(runs, key) ? compare(value, runs[key], at) : UNSAID;
      if (part.kind === 'contradicted') return part;
      if (part.kind === 'unsaid') effect = UNSAID;
    }
    return effect;
  }
  if (Array.isArray(given) && Array.isArray(runs)) {
    const has = (wanted: unknown) => runs.some((item) => compare(wanted, item, path).kind === 'shown');
    return given.every(has) ? SHOWN : UNSAID;
  }
  if (isScalar(given) && isScalar(runs) && String(given) === String(runs)) return SHOWN;
  // Written with nothing in it, and filled with what goes by default; or put in from elsewhere; or hidden.
  if (given === null || runs === null || String(given).includes('${') || String(runs).includes('REDACTED'))
    return UNSAID;
  return { kind: 'contradicted', says: `it runs with another ${path || 'configuration'} than it was given` };
}

function readYaml(bytes: Uint8Array): unknown {
  try {
    return parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), {
      maxAliasCount: 100,
      logLevel: 'silent',
    });
  } catch {
    return null;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}
