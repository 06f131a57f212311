import { Link } from 'wouter';
import { upcomingWindows } from '../calendar/upcomingWindows.ts';
import { useFacts } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useNow } from '../shell/clock.ts';
import { PLACES } from '../shell/places.ts';

/** What binds now, and what binds next. */
export function FreezesSoon() {
  const freezes = useFacts((facts) => facts.freezes);
  const now = useNow();
  const windows = upcomingWindows(freezes, now).slice(0, 4);
  return (
    <Panel title="Freezes" aside={<Link href={PLACES.calendar()}>Calendar</Link>}>
      {windows.length === 0 ? (
        <Empty says="No freeze binds in the next ninety days." />
      ) : (
        <ul className="rows">
          {windows.map(({ freeze, starts, ends, reason, services, isNow }) => (
            <li key={`${freeze} ${starts}`}>
              <p>
                {isNow ? <Chip tone="wait">now</Chip> : <Chip tone="plain">next</Chip>} <strong>{freeze}</strong>{' '}
                <span className="fine">{services.length === 0 ? 'every service' : services.join(', ')}</span>
              </p>
              <p className="fine">
                {reason} · {isNow ? 'until ' : 'from '}
                <Time at={isNow ? ends : starts} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
