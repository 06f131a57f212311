import { Link } from 'wouter';
import type { NeighbourBody, ReachBody } from '../../src/wire/http/blast.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Panel } from '../parts/Panel.tsx';
import { PLACES } from '../shell/places.ts';
import { formatCount, percent, plural } from '../words.ts';

/** Who is hurt if this is bad: now, and if it goes on. */
export function BlastRadius({ view: { blast } }: { readonly view: RolloutViewBody }) {
  const { now, promoted, dependents, dependencies, unknownTraffic } = blast;
  return (
    <Panel title="Blast radius" className="blast">
      <Reach says="exposed now" reach={now} />
      {promoted !== null && <Reach says={`with ${promoted.stage}`} reach={promoted.reach} />}
      <Neighbours says="hurt with it" of={dependents} />
      <Neighbours says="it leans on" of={dependencies} />
      {unknownTraffic > 0 && (
        <p className="fine">
          The traffic of {plural(unknownTraffic, 'target')} is not known: each counts as the average.
        </p>
      )}
    </Panel>
  );
}

export function Reach({
  says,
  reach: { targets, share, traffic },
}: {
  readonly says: string;
  readonly reach: ReachBody;
}) {
  return (
    <div className="reach">
      <p>
        <span className="number">{formatCount(targets)}</span> {targets === 1 ? 'target' : 'targets'} {says}
      </p>
      <p className="fine">
        {percent(share)} of the role{traffic !== null && `, ${percent(traffic)} of its traffic`}
      </p>
      <span className="track" aria-hidden="true">
        <span className="fill" style={{ transform: `scaleX(${share})` }} />
      </span>
    </div>
  );
}

export function Neighbours({ says, of }: { readonly says: string; readonly of: readonly NeighbourBody[] }) {
  if (of.length === 0) return null;
  return (
    <p>
      {says}:{' '}
      {of.map(({ service, distance, registered }, index) => (
        <span key={service}>
          {index > 0 && ', '}
          {registered ? <Link href={PLACES.service(service)}>{service}</Link> : service}
          {distance > 1 && <span className="fine"> ({distance} steps)</span>}
        </span>
      ))}
    </p>
  );
}
