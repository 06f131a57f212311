import { useMemo } from 'react';
import { useConsole } from '../console.ts';
import { STANDINGS, useFleetVersion } from '../live/fleet.ts';
import { formatCount } from '../words.ts';
import { countStandings } from './countStandings.ts';
import type { Revision } from './revisions.ts';
import { STANDING_LOOKS } from './standingLooks.ts';

interface MapLegendProps {
  readonly rows: readonly number[];
  readonly revisions: readonly Revision[];
}

/** What the colours and marks on the map mean, and how many there are of each. */
export function MapLegend({ rows, revisions }: MapLegendProps) {
  const { fleet } = useConsole();
  const version = useFleetVersion(fleet);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is changed in place; its version says when.
  const { held, standings } = useMemo(() => {
    const counts = new Map<string, { revision: Revision; count: number }>();
    for (const row of rows) {
      const revision = revisions[fleet.holdingOf[row] ?? 0];
      if (revision === undefined) continue;
      const known = counts.get(revision.letter + revision.name);
      if (known === undefined) counts.set(revision.letter + revision.name, { revision, count: 1 });
      else known.count++;
    }
    const letters = [...counts.values()].sort((a, b) => (a.revision.letter < b.revision.letter ? -1 : 1));
    return { held: letters, standings: countStandings(fleet, rows) };
  }, [fleet, version, rows, revisions]);
  return (
    <ul className="legend">
      {held.map(({ revision, count }) => (
        <li key={revision.letter + revision.name} data-revision={revision.name}>
          <span className={`swatch tone-${revision.tone}`} aria-hidden="true">
            {revision.letter}
          </span>
          {revision.name} <span className="count">{formatCount(count)}</span>
        </li>
      ))}
      {STANDINGS.filter((standing) => standing !== 'settled' && standings[standing] > 0).map((standing) => (
        <li key={standing} data-standing={standing}>
          <span className={`swatch ${standing}`} aria-hidden="true">
            {STANDING_LOOKS[standing].mark}
          </span>
          {STANDING_LOOKS[standing].says} <span className="count">{formatCount(standings[standing])}</span>
        </li>
      ))}
    </ul>
  );
}
