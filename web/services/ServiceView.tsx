import { Link } from 'wouter';
import type { ServiceView as ServiceViewBody } from '../../src/wire/http/service.ts';
import { useFacts } from '../console.ts';
import { Empty } from '../parts/Empty.tsx';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { useAnswer } from '../parts/useAnswer.ts';
import { Neighbours } from '../rollout/BlastRadius.tsx';
import { RolloutCard } from '../rollout/RolloutCard.tsx';
import { PLACES } from '../shell/places.ts';
import { formatCount, percent, shortDigest } from '../words.ts';
import { ServiceGraph } from './ServiceGraph.tsx';

/** One service: what its targets are to hold, and who is hurt with it, up and down. */
export function ServiceView({ name }: { readonly name: string }) {
  const services = useFacts((facts) => facts.services);
  const rollouts = useFacts((facts) => facts.rollouts);
  const answer = useAnswer<ServiceViewBody>(`/v1/services/${encodeURIComponent(name)}`, services);
  if (answer.kind === 'refused') {
    return (
      <>
        <h1>{name}</h1>
        <Fault fault={answer.fault} />
      </>
    );
  }
  if (answer.kind === 'waiting') return <p className="waiting">Reading {name}…</p>;
  const service = answer.body;
  const own = rollouts.filter((rollout) => rollout.service === name);
  return (
    <>
      <div className="view-head">
        <h1>{name}</h1>
        <Link className="button" href={`${PLACES.targets()}?filter=${encodeURIComponent(name)}`}>
          Its targets
        </Link>
      </div>
      <p className="fine">
        {service.roles.join(', ')}
        {service.capacity !== undefined &&
          ` · at most ${sayShare(service.capacity.unavailable)} of a ${service.capacity.domain} may be unavailable`}
      </p>
      <Panel title="Up and down">
        {service.dependents.length + service.dependencies.length === 0 ? (
          <Empty says="Nobody needs it, and it needs nobody, as far as is known." />
        ) : (
          <>
            <ServiceGraph services={services} centre={name} />
            <Neighbours says="hurt if it is bad" of={service.dependents} />
            <Neighbours says="it is hurt by" of={service.dependencies} />
          </>
        )}
      </Panel>
      <div className="columns">
        <div className="stack">
          <h2>Rollouts</h2>
          {own.length === 0 && <Empty says="Nothing was rolled out to it yet." />}
          {own.slice(0, 8).map((rollout) => (
            <RolloutCard key={rollout.id} rollout={rollout} />
          ))}
        </div>
        <Holds service={service} />
      </div>
    </>
  );
}

function sayShare(size: { readonly count: number } | { readonly share: number }): string {
  return 'count' in size ? formatCount(size.count) : percent(size.share);
}

/** What the targets of each role are to hold in each slot. */
function Holds({ service }: { readonly service: ServiceViewBody }) {
  const changes = useFacts((facts) => facts.changes);
  const nameOf = (slot: string, digest: string | null) => {
    if (digest === null) return 'the baseline';
    const change = changes.find(({ slots }) => slots[slot] === digest);
    return change === undefined ? shortDigest(digest) : <Link href={PLACES.change(change.digest)}>{change.name}</Link>;
  };
  return (
    <Panel title="What it is to hold">
      {service.assignments.length === 0 ? (
        <Empty says="Nothing was ever assigned: its targets hold what they always held." />
      ) : (
        <ul className="rows">
          {service.assignments.map(({ role, slot, lastKnownGood, keptLastKnownGoods, candidate }) => (
            <li key={`${role} ${slot}`}>
              <p>
                <strong>{slot}</strong> <span className="fine">{role}</span>
              </p>
              <p className="fine">
                last known good {nameOf(slot, lastKnownGood)}
                {keptLastKnownGoods.length > 0 && `, ${keptLastKnownGoods.length} kept`}
                {candidate !== null && (
                  <>
                    {' '}
                    · candidate {nameOf(slot, candidate.artifact)} of{' '}
                    <Link href={PLACES.rollout(candidate.rollout)}>{candidate.rollout}</Link>
                  </>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
