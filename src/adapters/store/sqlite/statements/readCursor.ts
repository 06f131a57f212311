import type { DatabaseSync } from 'node:sqlite';

/** How far the named performer has got; 0 when it never said. */
export function readCursor(database: DatabaseSync): (name: string) => number {
  const statement = database.prepare('SELECT position FROM cursor WHERE name = ?');
  return (name) => (statement.get(name)?.position as number | undefined) ?? 0;
}
