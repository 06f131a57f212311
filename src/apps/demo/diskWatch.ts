import { statSync } from 'node:fs';
import { fileDigest } from './shopFiles.ts';

/** A file's content from the moment it was first seen on the disk. */
export interface Held {
  readonly digest: string | null;
  readonly atMs: number;
}

const LOOK_MS = 50;

/**
 * Looks at files again and again and keeps what each held, in order: a witness that depends on nothing that Ringfence says.
 * A content that stood for less than 50 ms may be missed.
 */
export class DiskWatch {
  readonly #files: { readonly name: string; readonly path: string; stamp: string; readonly held: Held[] }[];
  readonly #timer: NodeJS.Timeout;

  constructor(files: readonly { readonly name: string; readonly path: string }[]) {
    this.#files = files.map((file) => ({ ...file, stamp: '', held: [] }));
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Looks now. */
  look(): void {
    for (const file of this.#files) {
      const stats = statSync(file.path, { bigint: true, throwIfNoEntry: false });
      const stamp = stats === undefined ? 'none' : `${stats.ino}/${stats.mtimeNs}/${stats.size}`;
      if (stamp === file.stamp) continue;
      file.stamp = stamp;
      const digest = fileDigest(file.path);
      if (file.held.at(-1)?.digest !== digest) file.held.push({ digest, atMs: Date.now() });
    }
  }

  /** Everything the named file has held since a moment, what it held at that moment first. */
  heldSince(name: string, atMs: number): readonly Held[] {
    const held = this.#files.find((file) => file.name === name)?.held ?? [];
    const before = held.findLastIndex((one) => one.atMs <= atMs);
    return held.slice(Math.max(0, before));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
