import type { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '../../../../core/kernel/canonicalJson.ts';
import type { JudgedWindow } from '../../../../engine/ports/store.ts';

/** Adds what the judge found in one window of a rollout. */
export function addJudgedWindow(database: DatabaseSync): (window: JudgedWindow) => void {
  const statement = database.prepare('INSERT INTO judged_window (rollout, at, body) VALUES (?, ?, ?)');
  return ({ rollout, at, body }) => {
    statement.run(rollout, at, canonicalJson(body));
  };
}
