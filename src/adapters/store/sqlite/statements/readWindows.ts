import type { DatabaseSync } from 'node:sqlite';
import type { MeasuredWindow } from '../../../../engine/ports/store.ts';

/** All windows of a rollout, oldest first; those of one moment in the order in which they were added. */
export function readWindows(database: DatabaseSync): (rollout: string) => readonly MeasuredWindow[] {
  const statement = database.prepare(
    `SELECT rollout, stage, role, arm, metric, at, count FROM measured_window
     WHERE rollout = ? ORDER BY at, id`,
  );
  return (rollout) => statement.all(rollout) as unknown as readonly MeasuredWindow[];
}
