import type { TargetStanding } from '../../src/wire/http/fleet.ts';
import { type Fleet, STANDINGS } from '../live/fleet.ts';

/** How many targets stand how: of the whole fleet, or of some rows of it. */
export function countStandings(fleet: Fleet, rows?: Iterable<number>): Record<TargetStanding, number> {
  const counts = new Uint32Array(STANDINGS.length);
  const count = (row: number) => {
    const code = fleet.standing[row] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  };
  if (rows === undefined) for (let row = 0; row < fleet.size; row++) count(row);
  else for (const row of rows) count(row);
  return Object.fromEntries(STANDINGS.map((standing, code) => [standing, counts[code] ?? 0])) as Record<
    TargetStanding,
    number
  >;
}
