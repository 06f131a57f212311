import { type Fleet, STANDINGS } from '../live/fleet.ts';
import type { Revision } from './revisions.ts';
import { STANDING_LOOKS } from './standingLooks.ts';

/**
 * Rows that have all of the words: in their name, service, role or labels (`ring=canary` or `canary`), in what they hold, or in how they
 * stand (`failed`, `unhealthy`). `null`: no words, so all of them.
 */
export function matchRows(fleet: Fleet, revisions: readonly Revision[], words: string): ReadonlySet<number> | null {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (wanted.length === 0) return null;
  const kinds = fleet.kinds.map(({ service, role, labels }) =>
    [service, role, ...Object.entries(labels).map(([name, value]) => `${name}=${value}`)].join(' ').toLowerCase(),
  );
  const held = revisions.map(({ name }) => name.toLowerCase());
  const standings = STANDINGS.map((standing) => `${standing} ${STANDING_LOOKS[standing].says}`);
  const matching = new Set<number>();
  for (let row = 0; row < fleet.size; row++) {
    const of = [kinds[fleet.kindOf[row] ?? 0], held[fleet.holdingOf[row] ?? 0], standings[fleet.standing[row] ?? 0]];
    const isWanted = wanted.every(
      (word) =>
        of.some((text) => text?.includes(word)) ||
        fleet.names[row]?.toLowerCase().includes(word) ||
        fleet.uids[row]?.startsWith(word),
    );
    if (isWanted) matching.add(row);
  }
  return matching;
}
