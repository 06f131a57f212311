import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StoreError } from '../../../engine/ports/store.ts';
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts';

/** Says in the file's header whose it is: "RFNC". */
export const APPLICATION_ID = 0x52464e43;

/** Of every SQLite database. SQLite takes a shorter file for an empty database. */
const HEADER_BYTES = 100;

export interface DatabaseOptions {
  /** The database file never grows beyond this; an append that would make it rejects with `disk-full`. Default: only the disk's limit. */
  readonly maxBytes?: number;
  /** How long a write waits for another program that is writing to the file. Default 5000 ms. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the database at `file`, or makes it, with the newest schema. The caller holds the store's lock. Throws what SQLite and
 * the file system throw, or a `StoreError` where more can be said.
 *
 * A database is made under another name and renamed when it is complete. So one that is there but empty was damaged: it is
 * never taken for a new one, which would forget the whole record without a word.
 */
export function openDatabase(file: string, options: DatabaseOptions = {}): DatabaseSync {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    refuseOrphanedLog(file);
    createDatabase(file);
  } else if (!found.isFile()) {
    throw new StoreError(
      'unavailable',
      `${file} is ${found.isDirectory() ? 'a directory' : 'not a regular file'}, expected a database file. Move it away, or choose another directory.`,
    );
  } else if (found.size < HEADER_BYTES) {
    throw new StoreError(
      'corrupt',
      `${file} has ${found.size} bytes, too few for a database. Restore it from a backup; only if its record may be lost, delete it to begin a new one.`,
    );
  }
  // SQLite would open a write-protected file for reading and fail at the first append.
  accessSync(file, constants.R_OK | constants.W_OK);
  const database = connect(file, options);
  try {
    refuseForeign(database, file);
    configure(database, options);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens a database that is there, and changes nothing. Throws as {@link openDatabase} does. Without a write-ahead log nobody is
 * writing: then it is taken as it lies, on a disk that cannot be written to as well, and SQLite makes no files of its own beside it.
 */
export function openForReading(file: string): DatabaseSync {
  if (statSync(file).size < HEADER_BYTES) throw new StoreError('corrupt', `${file} is too short for a database.`);
  const atRest = statSync(`${file}-wal`, { throwIfNoEntry: false }) === undefined;
  const location = atRest ? `${pathToFileURL(file).href}?immutable=1` : file;
  const database = new DatabaseSync(location, { readOnly: true, timeout: 5000 });
  try {
    refuseForeign(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes the directory where it is missing, durably, for this user alone. */
export function ensureDirectory(directory: string): void {
  const wanted = resolve(directory);
  const firstMade = mkdirSync(wanted, { recursive: true, mode: 0o700 });
  if (firstMade === undefined) return;
  // A directory is on the disk when the one that holds its name is.
  for (let made = wanted; made.length >= firstMade.length; made = dirname(made)) syncDirectory(dirname(made));
}

function connect(file: string, options: DatabaseOptions): DatabaseSync {
  return new DatabaseSync(file, { timeout: options.busyTimeoutMs ?? 5000, enableForeignKeyConstraints: true });
}

/** A write-ahead log without its database holds acknowledged events; opening a new database over it would delete them. */
function refuseOrphanedLog(file: string): void {
  const log = `${file}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw new StoreError(
    'corrupt',
    `${file} is missing, but its write-ahead log ${log} is there. Restore both from a backup; only if the record may be lost, delete the log to begin a new one.`,
  );
}

function createDatabase(file: string): void {
  const unfinished = `${file}.new`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${unfinished}${suffix}`, { force: true });
  closeSync(openSync(unfinished, 'wx', 0o600));
  const database = connect(unfinished, {});
  try {
    configure(database, {});
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    migrate(database);
  } finally {
    // Writes everything into the one file and removes its write-ahead log.
    database.close();
  }
  renameSync(unfinished, file);
  syncDirectory(dirname(file));
}

/** Before anything is written: neither another program's database nor one of a later Ringfence may be touched. */
function refuseForeign(database: DatabaseSync, file: string): void {
  const id = database.prepare('PRAGMA application_id').get()?.application_id;
  if (id !== APPLICATION_ID) {
    throw new StoreError(
      'corrupt',
      `${file} is not a Ringfence database: its application_id is ${id}, expected ${APPLICATION_ID}. Move it away, or choose another directory.`,
    );
  }
  const version = schemaVersion(database);
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      'newer',
      `${file} was written by a later version of Ringfence: its schema is ${version}, this program knows up to ${SCHEMA_VERSION}. Start that version again, or restore a backup from before.`,
    );
  }
}

function configure(database: DatabaseSync, { maxBytes }: DatabaseOptions): void {
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode !== 'wal') {
    throw new StoreError(
      'unavailable',
      `the file system of ${database.location()} cannot carry a write-ahead log (journal_mode is ${mode}). Choose a directory on a local disk.`,
    );
  }
  database.exec(`
    PRAGMA synchronous = FULL;           -- every commit is fsynced
    PRAGMA fullfsync = ON;               -- macOS: through the disk's own cache too
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA cell_size_check = ON;         -- notice damaged pages earlier
    PRAGMA trusted_schema = OFF;         -- a tampered schema runs no functions
    PRAGMA journal_size_limit = 67108864 -- the write-ahead log shrinks again after a large artifact
  `);
  if (maxBytes !== undefined) {
    const pageSize = database.prepare('PRAGMA page_size').get()?.page_size as number;
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
  }
}

function syncDirectory(directory: string): void {
  // Windows has no such call and needs none.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
