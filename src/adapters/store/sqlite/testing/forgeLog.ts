import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '../../../../core/kernel/canonicalJson.ts';
import type { UnstoredEvent } from '../../../../wire/storedEvent.ts';
import { chainEvent, EMPTY_LOG } from '../../hashChain.ts';

/**
 * Rewrites the log of a stopped server as whoever owns the disk can, or as a thorough defect might: events changed, taken out or put
 * in, and every hash computed anew, so that the server starts and finds its log intact. `edit` gives back what the log is to hold.
 */
export function forgeLog(
  dataDirectory: string,
  edit: (events: readonly UnstoredEvent[]) => readonly UnstoredEvent[],
): void {
  const database = new DatabaseSync(join(dataDirectory, 'ringfence.db'), { timeout: 5_000 });
  try {
    const rows = database.prepare('SELECT body FROM event ORDER BY position').all() as { body: string }[];
    const events = rows.map(({ body }) => JSON.parse(body) as UnstoredEvent);
    const forged = edit(events);
    database.exec(
      'BEGIN IMMEDIATE; DROP TRIGGER IF EXISTS event_is_never_changed; DROP TRIGGER IF EXISTS event_is_never_removed; DELETE FROM event',
    );
    const insert = database.prepare('INSERT INTO event (position, body, hash) VALUES (?, ?, ?)');
    let end = EMPTY_LOG;
    for (const { stream, type, at, actor, data } of forged) {
      const { row } = chainEvent(end, { stream, type, at, actor, data });
      insert.run(row.position, row.body, row.hash);
      end = { position: row.position, hash: row.hash };
    }
    database.prepare('UPDATE log_end SET position = ?, hash = ?').run(end.position, end.hash);
    database.prepare('UPDATE cursor SET position = 0').run();
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** The same data with every value under `name` replaced, however deep. */
export function replaceDeep(value: unknown, name: string, by: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceDeep(item, name, by));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, item]) => [key, key === name ? by : replaceDeep(item, name, by)]);
  return JSON.parse(canonicalJson(Object.fromEntries(members)));
}
