import { Link } from 'wouter';
import { useConsole } from '../console.ts';
import { STANDINGS } from '../live/fleet.ts';
import { Empty } from '../parts/Empty.tsx';
import { PLACES } from '../shell/places.ts';
import { formatCount } from '../words.ts';
import type { Revision } from './revisions.ts';
import { STANDING_LOOKS } from './standingLooks.ts';

const MOST_SHOWN = 100;

interface TargetTableProps {
  /** `null`: all of the fleet. */
  readonly rows: readonly number[] | null;
  readonly revisions: readonly Revision[];
}

/** The first of some targets, those in trouble before the others. */
export function TargetTable({ rows, revisions }: TargetTableProps) {
  const { fleet } = useConsole();
  const count = rows?.length ?? fleet.size;
  const shown = urgentFirst(rows ?? Array.from({ length: fleet.size }, (_, row) => row), fleet.standing);
  if (count === 0) return <Empty says="No target has these words." />;
  return (
    <>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Target</th>
              <th scope="col">Stands</th>
              <th scope="col">Holds</th>
              <th scope="col">Labels</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => {
              const standing = STANDINGS[fleet.standing[row] ?? 0] ?? 'unheard';
              const kind = fleet.kinds[fleet.kindOf[row] ?? 0];
              const revision = revisions[fleet.holdingOf[row] ?? 0];
              return (
                <tr key={fleet.uids[row]}>
                  <th scope="row">
                    <Link href={PLACES.target(fleet.uids[row] ?? '')}>{fleet.names[row]}</Link>
                    <span className="fine block">
                      {kind?.service} {kind?.role}
                    </span>
                  </th>
                  <td>
                    <span className={`swatch ${standing}`} aria-hidden="true">
                      {STANDING_LOOKS[standing].mark}
                    </span>
                    {STANDING_LOOKS[standing].says}
                  </td>
                  <td>
                    <span className={`swatch tone-${revision?.tone ?? 'unknown'}`} aria-hidden="true">
                      {revision?.letter ?? '?'}
                    </span>
                    {revision?.name ?? 'unknown'}
                  </td>
                  <td className="fine">
                    {Object.entries(kind?.labels ?? {})
                      .map(([name, value]) => `${name}=${value}`)
                      .join(' ')}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {count > shown.length && (
        <p className="fine">
          {formatCount(count - shown.length)} more. Filter for what you look for, or find it on the map.
        </p>
      )}
    </>
  );
}

/** Without sorting a hundred thousand for the sake of a hundred. */
function urgentFirst(rows: readonly number[], standing: Uint8Array): readonly number[] {
  const shown: number[] = [];
  for (let code = 0; code < STANDINGS.length && shown.length < MOST_SHOWN; code++) {
    for (const row of rows) {
      if ((standing[row] ?? 0) === code) shown.push(row);
      if (shown.length === MOST_SHOWN) break;
    }
  }
  return shown;
}
