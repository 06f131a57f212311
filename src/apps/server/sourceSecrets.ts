import { readFileSync, statSync } from 'node:fs';
import type { SourceSecretFile } from './serverOptions.ts';
import { StartupError } from './startupError.ts';

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
