import type { DatabaseSync } from 'node:sqlite';
import type { MeasuredWindow } from '../../../../engine/ports/store.ts';

/** Adds one window of counts. */
export function addWindow(database: DatabaseSync): (window: MeasuredWindow) => void {
  const statement = database.prepare(
    'INSERT INTO measured_window (rollout, stage, role, arm, metric, at, count) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return ({ rollout, stage, role, arm, metric, at, count }) => {
    statement.run(rollout, stage, role, arm, metric, at, count);
  };
}
