import { readFileSync, statSync } from 'node:fs';
import { StartupError } from './startupError.ts';

/** A secret of a source, as it is given on the command line: `prom=/etc/ringfence/prom.secret`. */
export interface SourceSecretFile {
  readonly name: string;
  readonly file: string;
}

/** Reads `NAME=FILE`. `null` when it is none. */
export function parseSourceSecret(text: string): SourceSecretFile | null {
  const [, name, file] = /^([A-Za-z][-A-Za-z0-9._]{0,62})=(.+)$/.exec(text) ?? [];
  return name === undefined || file === undefined ? null : { name, file };
}

/** The secrets by name, from files that only their owner can read. Throws a StartupError, in which no secret stands. */
export function readSourceSecrets(files: readonly SourceSecretFile[]): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const { name, file } of files) {
    if (secrets.has(name)) throw new StartupError(`--source-secret ${name} is given twice: give each secret once`);
    secrets.set(name, readSecret(name, file));
  }
  return secrets;
}

/** What may stand in a header, on one line. */
const SECRET = /^[\x20-\x7e]{1,4096}$/;

function readSecret(name: string, file: string): string {
  const refuse = (says: string, cause?: unknown) =>
    new StartupError(`${says} (--source-secret ${name}=…)`, cause === undefined ? {} : { cause });
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0)
      throw refuse(`others than its owner can read ${file} (mode ${(mode & 0o777).toString(8)}): chmod 600 it`);
    const secret = readFileSync(file, 'utf8').trim();
    if (!SECRET.test(secret)) throw refuse(`${file} does not hold a token, or USER:PASSWORD, on one line`);
    return secret;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw refuse(`cannot read ${file}: ${(error as Error).message}`, error);
  }
}
