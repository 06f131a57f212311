import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SEED_BYTES, type SigningKey, signingKey } from '../../../adapters/signing/ed25519.ts';
import { writeOwnFile } from '../../../adapters/signing/writeOwnFile.ts';
import {
  type PackageDescriptor,
  packageStatement,
  readPackageDescriptor,
} from '../../../wire/package/packageDescriptor.ts';
import { CliError } from '../cliError.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';

interface Given {
  readonly key: string;
  readonly name: string;
  readonly release: string;
  readonly url?: string;
  readonly into?: string;
}

export const makePublisherKey: Run<object, [file: string]> = async ({ output, cwd }, _options, file) => {
  const path = resolve(cwd, file);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there)
    throw new CliError('usage', `${file} is there already, and what it signed is believed: choose another name`);
  const seed = randomBytes(SEED_BYTES);
  await orFail(`cannot write ${file}`, () => writeOwnFile(dirname(path), basename(path), `${seed.toString('hex')}\n`));
  const { publicKey } = signingKey(seed);
  output.document({ file, publicKey });
  output.lines([
    [segment('made', 'good'), segment(`  ${file}; it signs packages, so keep it to yourself`)],
    [segment(`public key  ${publicKey}`)],
  ]);
  return 'done';
};

/** The descriptor is the result: the same for people and programs, ready to be redirected into a file. */
export const signPackage: Run<Given, [archive: string]> = async ({ output, cwd }, given, archive) => {
  const key = await readKey(resolve(cwd, given.key), given.key);
  const path = resolve(cwd, archive);
  const { sha256, size } = await orFail(`cannot read ${archive}`, () => measured(path));
  const said = { name: given.name, version: given.release, sha256, size };
  const descriptor: PackageDescriptor = {
    ...said,
    ...(given.url === undefined ? {} : { url: given.url }),
    key: key.publicKey,
    signature: key.sign(packageStatement(said)),
  };
  const text = `${JSON.stringify(descriptor, null, 2)}\n`;
  const read = readPackageDescriptor(Buffer.from(text));
  if (!read.ok) throw new CliError('usage', `that makes no package: ${read.error}`);
  if (given.into !== undefined) {
    const folder = resolve(cwd, given.into);
    await orFail(`cannot copy it into ${given.into}`, () => copyWhole(path, folder, sha256));
    output.notice(`copied to ${join(given.into, sha256)}`);
  }
  output.raw(text);
  return 'done';
};

async function readKey(path: string, file: string): Promise<SigningKey> {
  const text = (await orFail(`cannot read ${file}`, () => readFile(path, 'utf8'))).trim();
  // What is in the file is never shown.
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new CliError('usage', `${file} does not hold a publisher's key`, {
      remedy: 'Make one with "ringfence package key FILE".',
    });
  return signingKey(Buffer.from(text, 'hex'));
}

async function measured(path: string): Promise<{ readonly sha256: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest('hex'), size };
}

/** A server that serves the folder meanwhile never sees half of it. */
async function copyWhole(path: string, folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(path, join(folder, `${name}.unfinished`));
  await rename(join(folder, `${name}.unfinished`), join(folder, name));
}

async function orFail<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new CliError('usage', `${what}: ${(error as Error).message}`);
  }
}
