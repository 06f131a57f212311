import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Content } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { contentOf } from './slotFile.ts';

/** The templates that one file was made from, beside it, each under the digest of what it came to. */
export class TemplateSources {
  readonly #folder: string;
  readonly #prefix: string;

  constructor(file: string) {
    this.#folder = dirname(file);
    this.#prefix = `.${basename(file)}.ringfence-template-`;
  }

  /** The template that came to this; `null` when none is known. */
  async of(file: Digest): Promise<Uint8Array | null> {
    try {
      return await readFile(this.#path(file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** What a template came to; `null` when that is not known. */
  async madeFrom(template: Digest): Promise<Content | null> {
    for (const digest of await this.#known()) {
      const bytes = await this.of(digest);
      if (bytes !== null && contentOf(bytes) === template) return digest;
    }
    return null;
  }

  /** Whole or not at all, and on the disk. */
  async keep(file: Digest, template: Uint8Array): Promise<void> {
    const path = this.#path(file);
    const making = `${path}.new`;
    const handle = await open(making, 'w', 0o600);
    try {
      await handle.writeFile(template);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(making, path);
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
  }

  /** Throws away all but the one for what is in force. */
  async prune(inForce: Content): Promise<void> {
    const keep = inForce === 'absent' ? '' : basename(this.#path(inForce));
    for (const name of await this.#names()) if (name !== keep) await rm(join(this.#folder, name), { force: true });
  }

  async #known(): Promise<readonly Digest[]> {
    const hex = (await this.#names()).map((name) => name.slice(this.#prefix.length));
    return hex.filter((each) => /^[0-9a-f]{64}$/.test(each)).map((each): Digest => `sha256:${each}`);
  }

  async #names(): Promise<readonly string[]> {
    return (await readdir(this.#folder)).filter((name) => name.startsWith(this.#prefix));
  }

  #path(file: Digest): string {
    return join(this.#folder, `${this.#prefix}${file.slice('sha256:'.length)}`);
  }
}
