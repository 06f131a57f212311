import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CliError } from '../cliError.ts';

/** A text of manifests and where it came from. */
export interface Source {
  /** As it is shown: the path as it was given, `<stdin>`. */
  readonly name: string;
  /** What paths in it are relative to. */
  readonly folder: string;
  readonly text: string;
  /** Whether it was named itself, not found in a folder. */
  readonly named: boolean;
}

/** Everything `-f` names, each file once: files, the manifests of folders by name (not of folders in them), `-` for stdin. */
export async function readSources(given: readonly string[], cwd: string): Promise<Source[]> {
  const sources = new Map<string, Source>();
  for (const path of given) {
    if (path === '-') {
      if (!sources.has('-'))
        sources.set('-', {
          name: '<stdin>',
          folder: cwd,
          text: decode(await buffer(process.stdin), '<stdin>'),
          named: true,
        });
      continue;
    }
    const full = resolve(cwd, path);
    const inFolder = statOf(full, path).isDirectory();
    for (const name of inFolder ? manifestsIn(full, path) : [path]) {
      const file = resolve(cwd, name);
      if (!sources.has(file))
        sources.set(file, { name, folder: join(file, '..'), text: decode(read(file, name), name), named: !inFolder });
    }
  }
  return [...sources.values()];
}

function statOf(full: string, path: string): Stats {
  try {
    return statSync(full);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function manifestsIn(folder: string, path: string): string[] {
  const found = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(path, entry.name))
    .sort();
  if (found.length === 0) {
    throw new CliError('usage', `the folder ${path} holds no manifest: no file in it ends in .yaml or .yml`, {
      remedy: 'Folders in it are not looked into: name each with -f.',
    });
  }
  return found;
}

function read(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(path: string, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'you may not read it',
    EISDIR: 'it is a folder',
  };
  return new CliError('usage', `${path} cannot be read: ${why[code ?? ''] ?? message}`, {
    remedy: 'Name a manifest, a folder of them, or - for stdin.',
  });
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CliError('usage', `${name} is not text in UTF-8`, { remedy: 'Manifests are YAML in UTF-8.' });
  }
}
