import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SignerError } from '../../engine/ports/signer.ts';
import type { KeyVault } from './createSigner.ts';
import { SEED_BYTES, signingKey } from './ed25519.ts';
import { writeOwnFile } from './writeOwnFile.ts';

const KEY_FILE = /^(\d{4,})-([0-9a-f]{16})\.key$/;

/**
 * Signing keys as files of a folder, one each: `0001-<id>.key`, the seed in hexadecimal, readable by the server's user alone.
 * A file that others can read, or that is not the key its name says, is refused: who else has it could sign.
 */
export function keyFiles(folder: string): KeyVault {
  return {
    async load() {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const names = await keyNames(folder);
        return await Promise.all(names.map((name) => readSeed(join(folder, name), name)));
      } catch (error) {
        throw asSignerError(`cannot read the signing keys in ${folder}`, error);
      }
    },
    async keep(id, seed) {
      try {
        const last = (await keyNames(folder)).at(-1) ?? '0000';
        const number = String(Number.parseInt(last, 10) + 1).padStart(4, '0');
        await writeOwnFile(folder, `${number}-${id}.key`, `${Buffer.from(seed).toString('hex')}\n`);
      } catch (error) {
        throw asSignerError(`cannot keep a new signing key in ${folder}`, error);
      }
    },
  };
}

/** Ids of the keys in a folder, by their names: no key is read. None where there is no such folder. */
export async function keyIdsIn(folder: string): Promise<readonly string[]> {
  try {
    return (await keyNames(folder)).flatMap((name) => KEY_FILE.exec(name)?.[2] ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asSignerError(`cannot look for signing keys in ${folder}`, error);
  }
}

/** By number: in the order in which they were made. */
async function keyNames(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => KEY_FILE.test(name));
  return names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

async function readSeed(path: string, name: string): Promise<Uint8Array> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new SignerError(
      `others than its owner can read ${path} (mode ${(mode & 0o777).toString(8)}): treat the key as known to them; ` +
        `chmod 600 it, start, and then replace it: ringfence key rotate, ringfence key retire`,
    );
  }
  const text = (await readFile(path, 'utf8')).trim();
  const seed = /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : null;
  if (seed?.length !== SEED_BYTES || signingKey(seed).id !== KEY_FILE.exec(name)?.[2]) {
    throw new SignerError(`${path} is not the key that its name says: put the file back from a backup, or remove it`);
  }
  return seed;
}

export function asSignerError(what: string, error: unknown): SignerError {
  if (error instanceof SignerError) return error;
  return new SignerError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
