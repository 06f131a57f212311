import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Content } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Reading } from '../../engine/ports/driver.ts';
import { FileError, fileError } from './fileError.ts';

export interface FileAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** More is not a configuration file, and is not read into memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * One file that is only ever replaced as a whole. What is to take its place is written beside it first, with its mode and owner,
 * and is on the disk before it is renamed over it; so the renaming needs no room and no time, and a crash at any moment leaves
 * one or the other. Access lists and extended attributes are not carried over.
 *
 * The file itself may not be a symbolic link: replacing would turn the link into a file, and following it would write wherever
 * it is pointed to by then. Folders on the way may be links.
 */
export class SlotFile {
  readonly #path: string;
  readonly #folder: string;

  constructor(path: string) {
    this.#path = path;
    this.#folder = dirname(path);
  }

  async read(): Promise<Reading> {
    return readWhole(this.#path);
  }

  /** Writes the bytes beside the file, ready to take its place. */
  async stage(name: StageName, bytes: Uint8Array, { mode, uid, gid }: FileAttributes): Promise<void> {
    const path = this.stagedPath(name);
    await rm(path, { force: true });
    let file: FileHandle | null = null;
    try {
      file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
      await file.writeFile(bytes);
      const made = await file.stat();
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
      await file.chmod(mode);
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw fileError(`cannot write ${path}`, error);
    } finally {
      await file?.close();
    }
  }

  /** Whether what is staged under this name are these bytes. */
  async isStaged(name: StageName, content: Content): Promise<boolean> {
    try {
      return (await readWhole(this.stagedPath(name))).content === content;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }

  /** What is staged takes the file's place, whatever is there. Durable after {@link sync}. */
  async putStaged(name: StageName): Promise<void> {
    try {
      await rename(this.stagedPath(name), this.#path);
    } catch (error) {
      throw fileError(`cannot replace ${this.#path}`, error);
    }
  }

  async sync(): Promise<void> {
    try {
      const folder = await open(this.#folder, constants.O_RDONLY | constants.O_DIRECTORY);
      await folder.sync().finally(() => folder.close());
    } catch (error) {
      throw fileError(`cannot make the change of ${this.#path} last`, error);
    }
  }

  async unstage(name: StageName): Promise<void> {
    await rm(this.stagedPath(name), { force: true });
  }

  /** Durable after {@link sync}. */
  async remove(): Promise<void> {
    try {
      await rm(this.#path, { force: true });
    } catch (error) {
      throw fileError(`cannot remove ${this.#path}`, error);
    }
  }

  /** Where what is staged lies. */
  stagedPath(name: StageName): string {
    return join(this.#folder, `.${basename(this.#path)}.ringfence-${name}`);
  }
}

/** `next` is to be applied, `back` is what can be gone back to. */
export type StageName = 'next' | 'back';

async function readWhole(path: string): Promise<Reading> {
  let file: FileHandle;
  try {
    // Not to wait for the other end, should it be a pipe.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { content: 'absent', bytes: null, attributes: {} };
    if (code === 'ELOOP' && (await isLink(path))) {
      const to = await readlink(path);
      throw new FileError('not-a-file', `${path} is a symbolic link to ${to}: name the file itself`);
    }
    throw fileError(`cannot read ${path}`, error);
  }
  try {
    const found = await file.stat();
    const { mode, uid, gid, size } = found;
    if (!found.isFile()) throw new FileError('not-a-file', `${path} is not a regular file`);
    if (size > MAX_BYTES)
      throw new FileError('too-large', `${path} has ${size} bytes; at most ${MAX_BYTES} can be kept to go back to`);
    const bytes = await file.readFile();
    return { content: contentOf(bytes), bytes, attributes: { mode: mode & 0o7777, uid, gid } };
  } catch (error) {
    throw fileError(`cannot read ${path}`, error);
  } finally {
    await file.close();
  }
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink();
}

export function contentOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
