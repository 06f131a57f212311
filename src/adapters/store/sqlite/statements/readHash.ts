import type { DatabaseSync } from 'node:sqlite';

/** The hash of the event at a position; `null` when there is none. */
export function readHash(database: DatabaseSync): (position: number) => string | null {
  const statement = database.prepare('SELECT hash FROM event WHERE position = ?');
  return (position) => (statement.get(position)?.hash as string | undefined) ?? null;
}
