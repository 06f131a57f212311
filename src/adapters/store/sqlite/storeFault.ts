import { StoreError, type StoreFault } from '../../../engine/ports/store.ts';

// Of what SQLite refuses because of the data alone: TOOBIG, CONSTRAINT, MISMATCH, RANGE. The caller's or our bug, no fault of a disk.
const REFUSED_DATA: ReadonlySet<number> = new Set([18, 19, 20, 25]);

// SQLite's primary result codes (the low eight bits of a code), and the extended ones that say more.
const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;
const EXTENDED_FAULTS: Readonly<Record<number, StoreFault>> = {
  522: 'corrupt', // IOERR_SHORT_READ: the file ends too early
  4874: 'disk-full', // IOERR_SHMSIZE: no room for the write-ahead log's index
  8202: 'corrupt', // IOERR_DATA: a checksum of the file system
  8458: 'corrupt', // IOERR_CORRUPTFS
};

/**
 * What SQLite or the file system threw at work on `file`, as the fault a caller can act on. Whatever is neither (a bug of
 * ours) comes back as it was.
 */
export function storeFault(error: unknown, file: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  if (isBusy(error)) {
    return new StoreError(
      'unavailable',
      `${file}: another program is writing to it and did not end in time (${error.message}). Nothing was changed. Close that program: only one Ringfence server may write to this file.`,
    );
  }
  switch (faultOf(error)) {
    case null:
      return error;
    case 'disk-full':
      return new StoreError(
        'disk-full',
        `${file}: no room left (${error.message}). Nothing was changed. Free space on its file system, or raise the store's size limit if it has one; the next call is tried afresh.`,
      );
    case 'corrupt':
      return new StoreError(
        'corrupt',
        `${file} is damaged or not a database (${error.message}). Stop the server, keep the file and those beside it for inspection, and restore them from a backup.`,
      );
    default:
      return new StoreError(
        'unavailable',
        `${file} cannot be used (${error.message}). Check that the disk is in order and that this user (uid ${process.getuid?.() ?? 'unknown'}) may read and write the file and its folder; if the file itself is damaged, restore it from a backup.`,
      );
  }
}

/** Whether another connection held a lock for longer than we wait. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) % 256 === BUSY;
}

function faultOf(error: Error & { readonly code?: unknown }): StoreFault | null {
  const code = sqliteCode(error);
  if (code !== 0) {
    if (EXTENDED_FAULTS[code] !== undefined) return EXTENDED_FAULTS[code];
    const primary = code % 256;
    if (REFUSED_DATA.has(primary)) return null;
    if (primary === FULL) return 'disk-full';
    return primary === CORRUPT || primary === NOT_A_DATABASE ? 'corrupt' : 'unavailable';
  }
  if (!('syscall' in error)) return null;
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk-full' : 'unavailable';
}

function sqliteCode(error: unknown): number {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode : 0;
}
