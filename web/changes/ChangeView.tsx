import { Link } from 'wouter';
import type { ChangeBody } from '../../src/wire/http/change.ts';
import { useFacts } from '../console.ts';
import { Actor } from '../parts/Actor.tsx';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useAnswer } from '../parts/useAnswer.ts';
import { RolloutCard } from '../rollout/RolloutCard.tsx';
import { PLACES } from '../shell/places.ts';
import { SlotDiff } from './SlotDiff.tsx';

/** One change: what it puts where the last known good is, line by line, and what came of it. */
export function ChangeView({ digest }: { readonly digest: string }) {
  const known = useFacts(({ changes }) => changes.find((change) => change.digest === digest));
  const answer = useAnswer<ChangeBody>(known === undefined ? `/v1/changes/${encodeURIComponent(digest)}` : null);
  const change = known ?? (answer.kind === 'here' ? answer.body : undefined);
  if (change !== undefined) return <Known change={change} />;
  return (
    <>
      <h1>Change</h1>
      {answer.kind === 'refused' ? <Fault fault={answer.fault} /> : <p className="waiting">Reading the change…</p>}
    </>
  );
}

function Known({ change }: { readonly change: ChangeBody }) {
  const rollouts = useFacts((facts) => facts.rollouts);
  const own = rollouts.filter((rollout) => rollout.change.digest === change.digest);
  const service = useFacts(({ services }) => services.find(({ name }) => name === change.service));
  return (
    <>
      <div className="view-head">
        <h1>{change.name}</h1>
        {change.quarantine !== null && <Chip tone="bad">quarantined</Chip>}
        <Link className="button" href={PLACES.plan(change.digest)}>
          Plan it
        </Link>
      </div>
      <p className="fine">
        {change.reason !== '' && <>“{change.reason}” · </>}
        <Link href={PLACES.service(change.service)}>{change.service}</Link> {change.roles.join(', ')} · by{' '}
        <Actor of={change.author} /> · <code>{change.digest}</code>
      </p>
      {change.quarantine !== null && (
        <p className="reason bad">
          Nothing brings it back by itself: {change.quarantine.says} (
          <Link href={PLACES.rollout(change.quarantine.rollout)}>{change.quarantine.rollout}</Link>,{' '}
          <Time at={change.quarantine.at} />)
        </p>
      )}
      {change.irreversible !== undefined && (
        <p className="reason bad">
          It cannot be undone: {change.irreversible.reason}. To restore: {change.irreversible.restore}
        </p>
      )}
      {Object.entries(change.slots).map(([slot, artifact]) => {
        const goods = new Map(
          (service?.assignments ?? [])
            .filter((one) => one.slot === slot && change.roles.includes(one.role))
            .map((one) => [one.lastKnownGood, one.role]),
        );
        const bases = goods.size === 0 ? [null] : [...goods.keys()];
        return bases.map((good) => (
          <SlotDiff
            key={`${slot} ${good}`}
            slot={slot}
            role={bases.length > 1 ? (goods.get(good) ?? null) : null}
            from={good}
            to={artifact}
          />
        ));
      })}
      <Panel title="Rollouts of it">
        {own.length === 0 ? (
          <Empty says="It never went out." />
        ) : (
          own.map((rollout) => <RolloutCard key={rollout.id} rollout={rollout} />)
        )}
      </Panel>
    </>
  );
}
