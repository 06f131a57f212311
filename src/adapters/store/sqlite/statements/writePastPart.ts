import type { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '../../../../core/kernel/canonicalJson.ts';
import type { PastPart } from '../../../../engine/ports/store.ts';

/** Keeps one part of what is known of a service's past in the place of what it was; `null` forgets it. */
export function writePastPart(database: DatabaseSync): (part: PastPart) => void {
  const write = database.prepare('INSERT OR REPLACE INTO fleet_past (service, part, body) VALUES (?, ?, ?)');
  const forget = database.prepare('DELETE FROM fleet_past WHERE service = ? AND part = ?');
  return ({ service, part, body }) => {
    if (body === null) forget.run(service, part);
    else write.run(service, part, canonicalJson(body));
  };
}
