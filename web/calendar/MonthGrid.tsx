import { Link } from 'wouter';
import { useFacts } from '../console.ts';
import { useZone } from '../shell/clock.ts';
import { phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';
import { dayOf, touches, weeksFrom } from './days.ts';
import type { UpcomingWindow } from './upcomingWindows.ts';

const WEEKS = 6;
const MOST_A_DAY = 3;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

interface MonthGridProps {
  readonly windows: readonly UpcomingWindow[];
  readonly now: number;
}

/** Last week and the five that follow: freezes, and rollouts on the days on which they ran. */
export function MonthGrid({ windows, now }: MonthGridProps) {
  const rollouts = useFacts((facts) => facts.rollouts);
  const zone = useZone();
  const today = dayOf(now, zone);
  const weeks = weeksFrom(now - 7 * 86_400_000, WEEKS, zone);
  return (
    <section className="panel calendar">
      <div className="table-scroll">
        <table>
          <caption className="unseen">Freezes and rollouts by the day</caption>
          <thead>
            <tr>
              {WEEKDAYS.map((day) => (
                <th key={day} scope="col">
                  {day}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks.map((days) => (
              <tr key={days[0]}>
                {days.map((day) => {
                  const frozen = windows.filter(({ starts, ends }) =>
                    touches(day, Date.parse(starts), Date.parse(ends), zone),
                  );
                  const names = [...new Set(frozen.map(({ freeze }) => freeze))];
                  const ran = rollouts.filter((one) =>
                    touches(day, Date.parse(one.startedAt), one.endedAt === null ? now : Date.parse(one.endedAt), zone),
                  );
                  return (
                    <td key={day} className={`${day === today ? 'today' : ''} ${names.length > 0 ? 'frozen' : ''}`}>
                      <span className="day">
                        {day === today && <span className="unseen">today, </span>}
                        {Number(day.slice(8))}
                        {day.endsWith('-01') &&
                          ` ${new Date(`${day}T12:00:00Z`).toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' })}`}
                      </span>
                      {names.slice(0, MOST_A_DAY).map((name) => (
                        <span key={name} className="day-freeze">
                          ❄ {name}
                        </span>
                      ))}
                      {ran.slice(0, MOST_A_DAY).map((one) => (
                        <Link key={one.id} className={`day-rollout ${phaseOf(one).tone}`} href={PLACES.rollout(one.id)}>
                          {phaseOf(one).mark} {one.id}
                        </Link>
                      ))}
                      {ran.length + names.length > 2 * MOST_A_DAY && <span className="fine">and more</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
