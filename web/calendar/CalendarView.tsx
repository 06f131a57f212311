import { useMemo } from 'react';
import { useFacts } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useNow } from '../shell/clock.ts';
import { MonthGrid } from './MonthGrid.tsx';
import { upcomingWindows } from './upcomingWindows.ts';

/** Freezes and rollouts by the day, and the freezes that come, in order. */
export function CalendarView() {
  const freezes = useFacts((facts) => facts.freezes);
  const now = useNow();
  const minute = Math.floor(now / 60_000);
  const windows = useMemo(() => upcomingWindows(freezes, minute * 60_000), [freezes, minute]);
  return (
    <>
      <div className="view-head">
        <h1>Calendar</h1>
        <a className="button" href="/v1/freezes.ics">
          iCalendar
        </a>
      </div>
      <MonthGrid windows={windows} now={minute * 60_000} />
      <Panel title="Freezes that come">
        {windows.length === 0 ? (
          <Empty says="No freeze binds in the next ninety days.">
            Put one on the calendar with <code>ringfence apply -f freeze.yaml</code>.
          </Empty>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
          <section className="table-scroll" tabIndex={0} aria-label="List of freezes">
            <table>
              <thead>
                <tr>
                  <th scope="col">Freeze</th>
                  <th scope="col">Binds</th>
                  <th scope="col">From</th>
                  <th scope="col">Until</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {windows.slice(0, 60).map(({ freeze, services, starts, ends, reason, isNow, local }) => (
                  <tr key={`${freeze} ${starts}`}>
                    <th scope="row">
                      {freeze} {isNow && <Chip tone="wait">now</Chip>}
                    </th>
                    <td>{services.length === 0 ? 'every service' : services.join(', ')}</td>
                    <td>
                      <Time at={starts} />
                      <span className="fine block">{local.starts}</span>
                    </td>
                    <td>
                      <Time at={ends} />
                      <span className="fine block">{local.ends}</span>
                    </td>
                    <td className="says">{reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </Panel>
    </>
  );
}
