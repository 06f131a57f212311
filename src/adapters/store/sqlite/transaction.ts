import type { DatabaseSync } from 'node:sqlite';

/**
 * The only way to open a transaction. Who may: `storeThread.ts` around the writes of one group, and `migrate.ts` around one
 * migration. Statements and the session never do.
 *
 * All of `work` is durable when this returns; none of it happened when it throws. IMMEDIATE takes the write lock at the start,
 * so what `work` reads (where the log ends) stays true until the commit.
 */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // After a full disk or an I/O error SQLite may have rolled back by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
