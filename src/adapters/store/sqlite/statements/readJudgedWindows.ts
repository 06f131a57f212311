import type { DatabaseSync } from 'node:sqlite';
import type { Json } from '../../../../core/kernel/canonicalJson.ts';
import type { JudgedWindow } from '../../../../engine/ports/store.ts';

/** What the judge found in each window of a rollout, in the order in which it was added. */
export function readJudgedWindows(database: DatabaseSync): (rollout: string) => readonly JudgedWindow[] {
  const statement = database.prepare('SELECT at, body FROM judged_window WHERE rollout = ? ORDER BY id');
  return (rollout) => {
    const rows = statement.all(rollout) as unknown as readonly { readonly at: number; readonly body: string }[];
    return rows.map(({ at, body }) => ({ rollout, at, body: JSON.parse(body) as Json }));
  };
}
