import { Link } from 'wouter';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Actor } from '../parts/Actor.tsx';
import { Chip } from '../parts/Chip.tsx';
import { Time } from '../parts/Time.tsx';
import { phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';
import { formatSpan, shortDigest } from '../words.ts';

/** What is rolled out, by whom and why, and how that stands. */
export function RolloutHead({ view: { rollout } }: { readonly view: RolloutViewBody }) {
  const { id, change, pipeline, startedAt, startedBy, endedAt, fastTrack, breakGlass } = rollout;
  const { says, tone, mark } = phaseOf(rollout);
  return (
    <header className="rollout-head" data-phase={rollout.phase}>
      <div className="view-head">
        <h1>
          {change.name} <code className="id">{id}</code>
        </h1>
        <div className="chips">
          {fastTrack && <Chip tone="plain">fast track</Chip>}
          {breakGlass !== null && (
            <Chip tone="bad" mark="!">
              break-glass
            </Chip>
          )}
          <Chip tone={tone} mark={mark}>
            {says}
          </Chip>
        </div>
      </div>
      <p className="fine">
        {change.reason !== '' && <>“{change.reason}” · </>}
        <Link href={PLACES.service(change.service)}>{change.service}</Link> {change.roles.join(', ')} · change{' '}
        <Link href={PLACES.change(change.digest)}>
          <code>{shortDigest(change.digest)}</code>
        </Link>{' '}
        by <Actor of={change.author} /> · pipeline {pipeline.name} · started <Time at={startedAt} /> by{' '}
        <Actor of={startedBy} />
        {endedAt !== null && <> · took {formatSpan(Date.parse(endedAt) - Date.parse(startedAt))}</>}
      </p>
      {change.irreversible !== undefined && (
        <p className="reason bad">
          It cannot be undone: {change.irreversible.reason}. To restore: {change.irreversible.restore}
        </p>
      )}
    </header>
  );
}
