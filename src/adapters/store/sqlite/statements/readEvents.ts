import type { DatabaseSync } from 'node:sqlite';
import type { EventRow } from '../../hashChain.ts';

/** Rows after a position, in order. */
export function readEvents(database: DatabaseSync): (after: number, limit: number) => readonly EventRow[] {
  const statement = database.prepare(
    'SELECT position, body, hash FROM event WHERE position > ? ORDER BY position LIMIT ?',
  );
  return (after, limit) => statement.all(after, limit) as unknown as readonly EventRow[];
}
