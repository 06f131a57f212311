import type { DatabaseSync } from 'node:sqlite';
import type { LogEnd } from '../../hashChain.ts';

/** Says where the log ends from now on. */
export function moveLogEnd(database: DatabaseSync): (end: LogEnd) => void {
  const statement = database.prepare('UPDATE log_end SET position = ?, hash = ?');
  return ({ position, hash }) => {
    statement.run(position, hash);
  };
}
