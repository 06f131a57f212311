import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { BLOCK, readPaxRecords, readTarHeader, type TarHeader } from './tarHeader.ts';

/** More is a bomb, or no package. */
export interface ArchiveLimits {
  readonly bytes: number;
  readonly entries: number;
}

/** Of names that do not fit into a header. */
const MAX_EXTENSION = 64 * 1024;
/** What an entry may take besides its content: headers and padding. */
const OVERHEAD = 8 * 1024;

/**
 * Looks through a tar archive (plain, gzip, zstd) before any of it is unpacked, holding no more than a block of it. Refused are: what would land
 * outside the folder it is unpacked in, by name or through a link; what is neither file, folder nor link; programs that run as somebody
 * else; a second entry for the same name; more than the limits; and what is damaged. The error is a sentence.
 */
export async function inspectArchive(
  path: string,
  limits: ArchiveLimits,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  const entries = new Entries(limits);
  let left = Buffer.alloc(0);
  let skip = 0;
  let total = 0;
  let wanted: { readonly type: string; size: number; readonly parts: Buffer[] } | null = null;
  let ended = false;
  try {
    for await (const chunk of await unpacked(path, signal)) {
      total += chunk.length;
      if (total > limits.bytes + limits.entries * OVERHEAD) return err(tooLarge(limits));
      let bytes = left.length === 0 ? (chunk as Buffer) : Buffer.concat([left, chunk as Buffer]);
      while (!ended) {
        if (skip > 0) {
          const part = bytes.subarray(0, skip);
          if (wanted !== null) wanted.parts.push(part);
          skip -= part.length;
          bytes = bytes.subarray(part.length);
          if (skip > 0) break;
          if (wanted !== null) {
            const said = entries.extend(wanted.type, Buffer.concat(wanted.parts).subarray(0, wanted.size));
            if (!said.ok) return said;
            wanted = null;
          }
        }
        if (bytes.length < BLOCK) break;
        const header = readTarHeader(bytes.subarray(0, BLOCK));
        bytes = bytes.subarray(BLOCK);
        if (!header.ok) return header;
        if (header.value === null) {
          ended = true;
          break;
        }
        const { type, size } = header.value;
        if ('xgLK'.includes(type)) {
          if (size > MAX_EXTENSION) return err('an extended header is too long');
          wanted = { type, size, parts: [] };
        } else {
          const said = entries.add(header.value);
          if (!said.ok) return said;
        }
        skip = Math.ceil((type === '0' || wanted !== null ? size : 0) / BLOCK) * BLOCK;
      }
      left = ended ? Buffer.alloc(0) : Buffer.from(bytes);
    }
  } catch (error) {
    return err(signal.aborted ? 'not wanted any more' : `it cannot be read: ${(error as Error).message}`);
  }
  if (skip > 0 || left.length > 0) return err('it breaks off in the middle');
  return entries.count === 0 ? err('there is nothing in it') : ok(undefined);
}

/** The entries so far, by their names. */
class Entries {
  readonly #limits: ArchiveLimits;
  readonly #types = new Map<string, string>();
  #bytes = 0;
  #next: { name?: string; link?: string } = {};

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#types.size;
  }

  /** What the next entry is called, where that is too long for its header. */
  extend(type: string, bytes: Buffer): Result<void, string> {
    if (type === 'L') this.#next.name = bytes.toString('utf8').replace(/\0+$/, '');
    else if (type === 'K') this.#next.link = bytes.toString('utf8').replace(/\0+$/, '');
    else {
      const records = readPaxRecords(bytes);
      if (!records.ok) return records;
      const [name, link] = [records.value.get('path'), records.value.get('linkpath')];
      if (records.value.has('size') || [...records.value.keys()].some((key) => key.startsWith('GNU.sparse')))
        return err('it has files with holes, or of more than 8 GiB');
      if (type === 'g' && (name ?? link) !== undefined) return err('it names all its entries at once');
      if (name !== undefined) this.#next.name = name;
      if (link !== undefined) this.#next.link = link;
    }
    return ok(undefined);
  }

  add(header: TarHeader): Result<void, string> {
    const { type, mode, size } = header;
    const written = this.#next.name ?? header.name;
    const link = this.#next.link ?? header.link;
    this.#next = {};
    const says = (why: string) => err(`${JSON.stringify(written.slice(0, 200))} ${why}`);
    const name = inside(written);
    if (name === null) return says('would land outside its folder');
    if (!['0', '1', '2', '5'].includes(type)) return says('is neither a file, a folder nor a link');
    if ((mode & 0o6000) !== 0) return says('would run as somebody else (setuid or setgid)');
    const known = this.#types.get(name);
    if (known !== undefined && !(known === '5' && type === '5')) return says('comes twice');
    for (let above = posix.dirname(name); above !== '.'; above = posix.dirname(above)) {
      const over = this.#types.get(above);
      if (over !== undefined && over !== '5') return says(`lies below ${JSON.stringify(above)}, which is no folder`);
    }
    if (type === '2' && !staysInside(name, link))
      return says(`links to ${JSON.stringify(link.slice(0, 200))}, outside its folder`);
    if (type === '1' && this.#types.get(inside(link) ?? '') !== '0')
      return says(`is another name for ${JSON.stringify(link.slice(0, 200))}, which is no file before it`);
    this.#types.set(name, type);
    this.#bytes += type === '0' ? size : 0;
    if (this.#bytes > this.#limits.bytes || this.#types.size > this.#limits.entries) return err(tooLarge(this.#limits));
    return ok(undefined);
  }
}

/** A link may climb first and descend then. Climbing after that would go up from wherever another link has led. */
function staysInside(name: string, link: string): boolean {
  const steps = link.split('/').filter((step) => step !== '.' && step !== '');
  const climbs = steps.findIndex((step) => step !== '..');
  if (climbs !== -1 && steps.slice(climbs).includes('..')) return false;
  return !posix.isAbsolute(link) && inside(posix.join(posix.dirname(name), link)) !== null;
}

/** The name as it is below the folder; `null`: it is not. */
function inside(name: string): string | null {
  if (name === '' || name.includes('\0') || posix.isAbsolute(name) || name.split('/').includes('..')) return null;
  return posix.normalize(name).replace(/\/$/, '') || null;
}

function tooLarge({ bytes, entries }: ArchiveLimits): string {
  return `unpacked it would be more than ${bytes} bytes or ${entries} entries (unpacked.bytes and unpacked.entries of the slot)`;
}

async function unpacked(path: string, signal: AbortSignal): Promise<Readable> {
  const file = await open(path);
  const magic = Buffer.alloc(4);
  await file.read(magic, 0, 4, 0).finally(() => file.close());
  const raw = createReadStream(path, { signal });
  const through = magic.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))
    ? createGunzip()
    : magic.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
      ? createZstdDecompress()
      : new Transform({ transform: (chunk: Buffer, _: BufferEncoding, done: TransformCallback) => done(null, chunk) });
  raw.on('error', (error) => through.destroy(error));
  return raw.pipe(through);
}
