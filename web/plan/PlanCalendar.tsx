import type { PlanBody } from '../../src/wire/http/plan.ts';
import { Chip } from '../parts/Chip.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useNow } from '../shell/clock.ts';

/** Freezes in the way, now and before it could be done. */
export function PlanCalendar({ plan: { freezes, minimumMs } }: { readonly plan: PlanBody }) {
  const now = useNow();
  return (
    <Panel title="Calendar">
      <p className="fine">
        Done at the earliest <Time at={new Date(now + minimumMs).toISOString()} />, if it started now.
      </p>
      {freezes.length === 0 ? (
        <p>No freeze is in its way.</p>
      ) : (
        <ul className="rows">
          {freezes.map(({ freeze, reason, starts, ends }) => (
            <li key={`${freeze} ${starts}`}>
              <p>
                <Chip tone="wait">{Date.parse(starts) <= now ? 'binds now' : 'on its way'}</Chip>{' '}
                <strong>{freeze}</strong>
              </p>
              <p className="fine">
                {reason} · <Time at={starts} /> to <Time at={ends} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
