import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, readlink, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { FileError, fileError } from './fileError.ts';
import { contentOf } from './slotFile.ts';

/**
 * The folder of a package:
 *
 * ```
 * current -> versions/<name>      what is in force: this link, and nothing else
 * versions/<name>/                one version, as it was unpacked
 * versions/<name>.json            what made it: the descriptor's bytes, and the digest of the tree. Written last
 * versions/<name>.unpacking/      on its way
 * downloads/<name>.part           on its way: the archive, as far as it has come
 * ```
 *
 * `name` is the descriptor's digest: two descriptors are two versions, whatever they call themselves.
 */
export class PackageStore {
  readonly #folder: string;
  readonly #versions: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#versions = join(folder, 'versions');
  }

  get current(): string {
    return join(this.#folder, 'current');
  }

  /** Where `current` leads, as it is written there; `null`: there is none. */
  async link(): Promise<string | null> {
    try {
      return await readlink(this.current);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      if (code === 'EINVAL')
        throw new FileError('not-a-file', `${this.current} is not a link: move it away, and link to it`);
      throw fileError(`cannot read ${this.current}`, error);
    }
  }

  /** The descriptor of a version that is whole; `null` where the link is none of ours, or what it leads to is not there. */
  async descriptorAt(link: string): Promise<Uint8Array | null> {
    const name = /^versions\/([0-9a-f]{64})$/.exec(link)?.[1];
    return name === undefined ? null : ((await this.#record(`sha256:${name}`))?.descriptor ?? null);
  }

  async has(content: Digest): Promise<boolean> {
    return (await this.#record(content)) !== null;
  }

  /** Whether the files of a version are as they were unpacked. */
  async isSound(content: Digest): Promise<boolean> {
    const record = await this.#record(content);
    return record !== null && record.tree === (await treeDigest(this.versionPath(content)).catch(() => ''));
  }

  linkTo(content: Digest): string {
    return `versions/${nameOf(content)}`;
  }

  versionPath(content: Digest): string {
    return join(this.#versions, nameOf(content));
  }

  /** Puts `current` where it is to lead, in one step; `null` takes it away. */
  async put(link: string | null): Promise<void> {
    const making = `${this.current}.new`;
    try {
      if (link === null) await rm(this.current, { force: true });
      else {
        await rm(making, { force: true });
        await symlink(link, making);
        await rename(making, this.current);
      }
      await syncFolder(this.#folder);
    } catch (error) {
      throw fileError(`cannot put ${this.current} in force`, error);
    }
  }

  /** Where to download to. What is there already is a beginning of it. */
  async download(content: Digest): Promise<string> {
    try {
      await mkdir(join(this.#folder, 'downloads'), { recursive: true, mode: 0o700 });
      return join(this.#folder, 'downloads', `${nameOf(content)}.part`);
    } catch (error) {
      throw fileError(`cannot make ${this.#folder}`, error);
    }
  }

  /** An empty folder to unpack a version into. */
  async beginVersion(content: Digest): Promise<string> {
    const making = `${this.versionPath(content)}.unpacking`;
    try {
      await this.#remove(content);
      await mkdir(making, { recursive: true, mode: 0o755 });
      return making;
    } catch (error) {
      throw fileError(`cannot make ${making}`, error);
    }
  }

  /** What was unpacked is whole, and on the disk. */
  async endVersion(content: Digest, descriptor: Uint8Array): Promise<void> {
    const path = this.versionPath(content);
    try {
      const tree = await treeDigest(`${path}.unpacking`);
      await rename(`${path}.unpacking`, path);
      const record = await open(`${path}.json.new`, 'w', 0o600);
      await record.writeFile(JSON.stringify({ descriptor: Buffer.from(descriptor).toString('base64'), tree }));
      await record.sync().finally(() => record.close());
      await rename(`${path}.json.new`, `${path}.json`);
      await syncFolder(this.#versions);
    } catch (error) {
      throw fileError(`cannot keep ${path}`, error);
    }
  }

  /** Throws away what was never unpacked to its end, and every version and download but these and the one in force. */
  async prune(keep: ReadonlySet<Content>): Promise<void> {
    const link = await this.link();
    const kept = new Set([...keep].map((content) => (content === 'absent' ? '' : nameOf(content))));
    for (const name of await readdir(this.#versions).catch(() => [])) {
      const [version = ''] = name.split('.');
      const whole = name === version || name === `${version}.json`;
      if (whole && (kept.has(version) || link === `versions/${version}`)) continue;
      // The record first: what is left of a version after a crash is not one.
      await rm(join(this.#versions, `${version}.json`), { force: true });
      await rm(join(this.#versions, name), { recursive: true, force: true });
    }
    await rm(`${this.current}.new`, { force: true });
    // What is wanted still, after a restart too, goes on where it stopped.
    const downloads = join(this.#folder, 'downloads');
    for (const name of await readdir(downloads).catch(() => []))
      if (!kept.has(name.replace(/\.part$/, ''))) await rm(join(downloads, name), { force: true });
    for (const folder of [downloads, this.#versions]) await rmdir(folder).catch(() => {});
  }

  async #remove(content: Digest): Promise<void> {
    const path = this.versionPath(content);
    for (const each of [`${path}.json`, path, `${path}.unpacking`]) await rm(each, { recursive: true, force: true });
  }

  async #record(content: Digest): Promise<{ readonly descriptor: Uint8Array; readonly tree: string } | null> {
    try {
      const { descriptor, tree } = JSON.parse(await readFile(`${this.versionPath(content)}.json`, 'utf8')) as Record<
        string,
        string
      >;
      const bytes = Buffer.from(descriptor ?? '', 'base64');
      return contentOf(bytes) === content ? { descriptor: bytes, tree: tree ?? '' } : null;
    } catch {
      return null;
    }
  }
}

function nameOf(content: Digest): string {
  return content.slice('sha256:'.length);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

/** Of a folder's names, kinds, permission bits and contents. */
async function treeDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    const about = await lstat(path);
    const kind = about.isDirectory() ? 'folder' : about.isSymbolicLink() ? 'link' : 'file';
    hash.update(`${JSON.stringify(name)} ${kind} ${about.mode & 0o7777}\n`);
    if (kind === 'link') hash.update(`${await readlink(path)}\n`);
    else if (kind === 'file') hash.update(`${await fileDigest(path)}\n`);
  }
  return hash.digest('hex');
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
