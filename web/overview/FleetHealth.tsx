import { Link } from 'wouter';
import { useConsole } from '../console.ts';
import { countStandings } from '../fleet/countStandings.ts';
import { STANDING_LOOKS } from '../fleet/standingLooks.ts';
import { STANDINGS, useFleetVersion } from '../live/fleet.ts';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { PLACES } from '../shell/places.ts';
import { formatCount, percent, plural } from '../words.ts';

/** The whole fleet in one bar, and in numbers. */
export function FleetHealth() {
  const { fleet } = useConsole();
  useFleetVersion(fleet);
  const counts = countStandings(fleet);
  const known = fleet.size;
  const well = counts.settled;
  const present = STANDINGS.filter((standing) => counts[standing] > 0);
  return (
    <Panel title="Fleet" aside={<Link href={PLACES.targets()}>{plural(fleet.total, 'target')}</Link>}>
      {known === 0 ? (
        <Empty says="No target has enrolled yet.">
          Start an agent beside a service: <code>ringfence agent --config agent.yaml</code>
        </Empty>
      ) : (
        <>
          <p className="figure">
            <span className="number">{percent(well / known)}</span> settled
          </p>
          <div className="share-bar" aria-hidden="true">
            {present.toReversed().map((standing) => (
              <span key={standing} className={`share ${standing}`} style={{ flexGrow: counts[standing] }} />
            ))}
          </div>
          <ul className="legend">
            {present.map((standing) => (
              <li key={standing}>
                <Link href={`${PLACES.targets()}?filter=${standing}`}>
                  <span className={`swatch ${standing}`} aria-hidden="true">
                    {STANDING_LOOKS[standing].mark}
                  </span>
                  {STANDING_LOOKS[standing].says} <span className="count">{formatCount(counts[standing])}</span>
                </Link>
              </li>
            ))}
          </ul>
          {known < fleet.total && <p className="fine">{formatCount(fleet.total - known)} more are being read.</p>}
        </>
      )}
    </Panel>
  );
}
