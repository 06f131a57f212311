import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Actor } from '../parts/Actor.tsx';
import { Says } from '../parts/Says.tsx';
import { Since, Time } from '../parts/Time.tsx';
import { listed, plural } from '../words.ts';

/** What it does or waits for: every hold by its name and in words. */
export function Standing({ view }: { readonly view: RolloutViewBody }) {
  const { rollout, says } = view;
  const { holds, paused, rollback, heldSinceAt, endedAt } = rollout;
  if (endedAt === null && rollback !== null) {
    return (
      <div className="reason bad" data-standing="rollback">
        <p>
          <Says text={says} />
        </p>
        <p className="fine">
          ordered by <Actor of={rollback.by} />, <Time at={rollback.at} />
        </p>
      </div>
    );
  }
  if (endedAt === null && paused !== null) {
    return (
      <div className="reason wait" data-standing="paused">
        <p>
          <Says text={says} />
        </p>
        <p className="fine">
          by <Actor of={paused.by} />, for <Since at={paused.at} />
        </p>
      </div>
    );
  }
  if (endedAt === null && holds.length > 0) {
    return (
      <div className="reason wait" data-standing="held">
        <p>
          Held in {rollout.plan[rollout.stage]?.name ?? 'this stage'}
          {heldSinceAt !== null && (
            <>
              {' '}
              for <Since at={heldSinceAt} />
            </>
          )}
          , because
        </p>
        <ul>
          {holds.map(({ reason, says: why }) => (
            <li key={reason}>
              {why} <code>{reason}</code>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div className="standing" data-standing={endedAt === null ? 'going' : 'ended'}>
      <p className="says">
        <Says text={says} />
      </p>
      <Capacity view={view} />
    </div>
  );
}

/** What keeps it from going faster: its pace, who is late, and the failure domains without room. */
function Capacity({ view: { rollout, tally } }: { readonly view: RolloutViewBody }) {
  const { phase, pace } = rollout;
  if (phase !== 'rolling' && phase !== 'rehearsing' && phase !== 'rollingBack') return null;
  const full = tally.domains.filter(({ unavailable, budget }) => unavailable >= budget).slice(0, 6);
  return (
    <ul className="fine">
      {pace !== null && phase === 'rolling' && (
        <li>
          At most {plural(pace.concurrency, 'target')} at once: {pace.says}.
        </li>
      )}
      {tally.slow > 0 && <li>Slow: {listed(tally.slowNames, 6)}.</li>}
      {full.map(({ role, value, targets, unavailable, budget, names }) => (
        <li key={`${role} ${value}`}>
          No more room in {value === '' ? role : `${role} in ${value}`}: {unavailable} of {targets} unavailable, at most{' '}
          {budget} may be ({listed(names, 3)}).
        </li>
      ))}
    </ul>
  );
}
