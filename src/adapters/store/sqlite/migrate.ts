import type { DatabaseSync } from 'node:sqlite';
import { migration0001 } from './migrations/migration0001.ts';
import { migration0002 } from './migrations/migration0002.ts';
import { inTransaction } from './transaction.ts';

/**
 * One step of the schema. Frozen once it was released: databases out there were made by it. A change of the schema is a new
 * migration; a test holds the digest of every old one.
 */
export interface Migration {
  /** The schema's version after this step: 1, 2, 3 … Kept in the database's `user_version`. */
  readonly version: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [migration0001, migration0002];

/** The newest schema this program knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The schema's version of a database; 0 for one without a schema. */
export function schemaVersion(database: DatabaseSync): number {
  return database.prepare('PRAGMA user_version').get()?.user_version as number;
}

/** Takes the schema to the newest version, each step in a transaction with its number: a failing step leaves the one before. */
export function migrate(database: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): void {
  const from = schemaVersion(database);
  for (const { version, sql } of migrations.filter((migration) => migration.version > from)) {
    inTransaction(database, () => {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${version}`);
    });
  }
}
