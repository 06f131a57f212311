import type { DatabaseSync } from 'node:sqlite';
import type { Json } from '../../../../core/kernel/canonicalJson.ts';
import type { PastPart } from '../../../../engine/ports/store.ts';

/** Every part of what is known of a service's past, by the parts' names. */
export function readPastParts(database: DatabaseSync): (service: string) => readonly PastPart[] {
  const statement = database.prepare('SELECT part, body FROM fleet_past WHERE service = ? ORDER BY part');
  return (service) => {
    const rows = statement.all(service) as unknown as readonly { readonly part: string; readonly body: string }[];
    return rows.map(({ part, body }) => ({ service, part, body: JSON.parse(body) as Json }));
  };
}
