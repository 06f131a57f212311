import { err, ok, type Result } from '../../core/kernel/result.ts';

/** One entry of a tar archive, as its header block says. */
export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly link: string;
}

export const BLOCK = 512;

/** Reads one header block; `null`: the block of zeros that ends an archive. */
export function readTarHeader(block: Buffer): Result<TarHeader | null, string> {
  if (block.every((byte) => byte === 0)) return ok(null);
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (octal(block, 148, 8) !== sum) return err('a header is damaged, or this is no tar archive');
  const size = octal(block, 124, 12);
  const mode = octal(block, 100, 8);
  if (size === null || mode === null) return err('a header has a number that cannot be read');
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const type = block.toString('latin1', 156, 157);
  return ok({
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: type === '\0' ? '0' : type,
    mode,
    size,
    link: text(block, 157, 100),
  });
}

/** `path` and the like of an extended header: `27 path=some/where\n`. */
export function readPaxRecords(bytes: Buffer): Result<ReadonlyMap<string, string>, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    const end = at + length;
    if (space === -1 || !Number.isInteger(length) || length <= space - at || end > bytes.length)
      return err('an extended header cannot be read');
    const record = bytes.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals === -1) return err('an extended header cannot be read');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return ok(records);
}

function text(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** `null`: not an octal number, or one of the larger ones that tar writes otherwise. */
function octal(block: Buffer, at: number, length: number): number | null {
  const digits = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : null;
}
