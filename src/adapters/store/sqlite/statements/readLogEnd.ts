import type { DatabaseSync } from 'node:sqlite';
import type { LogEnd } from '../../hashChain.ts';

/** Where the log ends, as the last append left it; `null` when that is lost. */
export function readLogEnd(database: DatabaseSync): () => LogEnd | null {
  const statement = database.prepare('SELECT position, hash FROM log_end');
  return () => (statement.get() as LogEnd | undefined) ?? null;
}
