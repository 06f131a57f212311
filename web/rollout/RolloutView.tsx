import { useEffect, useState } from 'react';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole, useFacts } from '../console.ts';
import { Fault } from '../parts/Fault.tsx';
import { Actions } from './Actions.tsx';
import { BlastRadius } from './BlastRadius.tsx';
import { Checks } from './Checks.tsx';
import { EvidenceAndPermits } from './EvidenceAndPermits.tsx';
import { Failures } from './Failures.tsx';
import { Ladder } from './Ladder.tsx';
import { People } from './People.tsx';
import { RolloutHead } from './RolloutHead.tsx';
import { RolloutMap } from './RolloutMap.tsx';
import { Standing } from './Standing.tsx';
import { Timeline } from './Timeline.tsx';

/** One rollout: where it is, why it waits, whom it reaches, and what may be done about it. */
export function RolloutView({ id }: { readonly id: string }) {
  const { feed } = useConsole();
  const view = useFacts(({ views }) => views.get(id));
  const [fault, setFault] = useState<ApiFault | null>(null);
  const isKnown = view !== undefined;
  useEffect(() => {
    if (!isKnown) feed.openRollout(id).catch((error: unknown) => setFault(faultOf(error)));
  }, [feed, id, isKnown]);
  if (view === undefined) {
    return (
      <>
        <h1>{id}</h1>
        {fault === null ? <p className="waiting">Reading {id}…</p> : <Fault fault={fault} />}
      </>
    );
  }
  return (
    <>
      <RolloutHead view={view} />
      <Actions view={view} />
      <Standing view={view} />
      <Ladder view={view} />
      <div className="columns">
        <div className="stack">
          <Checks view={view} />
          <RolloutMap view={view} />
        </div>
        <div className="stack">
          <BlastRadius view={view} />
          <People id={id} />
          <Failures view={view} />
          <EvidenceAndPermits view={view} />
          <Timeline view={view} />
        </div>
      </div>
    </>
  );
}
