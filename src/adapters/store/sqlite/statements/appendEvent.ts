import type { DatabaseSync } from 'node:sqlite';
import type { EventRow } from '../../hashChain.ts';

/** Adds one row at the end of the log. The caller holds the transaction in which it read where the log ends. */
export function appendEvent(database: DatabaseSync): (row: EventRow) => void {
  const statement = database.prepare('INSERT INTO event (position, body, hash) VALUES (?, ?, ?)');
  return ({ position, body, hash }) => {
    statement.run(position, body, hash);
  };
}
