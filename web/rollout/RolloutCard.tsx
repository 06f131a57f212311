import { Link } from 'wouter';
import type { RolloutSummaryBody } from '../../src/wire/http/rollout.ts';
import { useFacts } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Says } from '../parts/Says.tsx';
import { Since, Time } from '../parts/Time.tsx';
import { phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';
import { MiniLadder } from './MiniLadder.tsx';

/** A rollout in a few lines: where it is, and in words why it waits. */
export function RolloutCard({ rollout }: { readonly rollout: RolloutSummaryBody }) {
  const { id, change, service, says, holds, paused, rollback, endedAt, startedAt } = rollout;
  const view = useFacts(({ views }) => views.get(id));
  const { says: phase, tone, mark } = phaseOf(rollout);
  const isHeld = endedAt === null && rollback === null && paused === null && holds.length > 0;
  return (
    <article className={`panel card rollout-card ${endedAt === null ? tone : 'over'}`} data-rollout={id}>
      <header>
        <h3>
          <Link href={PLACES.rollout(id)}>{change.name}</Link>
        </h3>
        <span className="fine">
          {service} · <code>{id}</code>
        </span>
        <Chip tone={tone} mark={mark}>
          {phase}
        </Chip>
      </header>
      {isHeld ? (
        <ul className="reasons">
          {holds.map(({ reason, says: why }) => (
            <li key={reason}>{why}</li>
          ))}
        </ul>
      ) : (
        <p className="says">
          <Says text={says} />
        </p>
      )}
      {view !== undefined && endedAt === null && <MiniLadder view={view} />}
      <p className="fine">
        {endedAt === null ? (
          <>
            under way for <Since at={startedAt} />
          </>
        ) : (
          <>
            ended <Time at={endedAt} />
          </>
        )}
      </p>
    </article>
  );
}
