import type { DatabaseSync } from 'node:sqlite';

/** Sets how far the named performer has got. */
export function writeCursor(database: DatabaseSync): (name: string, position: number) => void {
  const statement = database.prepare(
    `INSERT INTO cursor (name, position) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET position = excluded.position`,
  );
  return (name, position) => {
    statement.run(name, position);
  };
}
