import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useFacts } from '../console.ts';
import { Actor } from '../parts/Actor.tsx';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Filter } from '../parts/Filter.tsx';
import { PLACES } from '../shell/places.ts';
import { plural, shortDigest } from '../words.ts';

const MOST_SHOWN = 200;

/** Every change that is registered, newest first, with what came of it. */
export function ChangesView() {
  const changes = useFacts((facts) => facts.changes);
  const rollouts = useFacts((facts) => facts.rollouts);
  const services = useFacts((facts) => facts.services);
  const [words, setWords] = useState('');
  const good = useMemo(
    () => new Set(services.flatMap(({ assignments }) => assignments.map(({ lastKnownGood }) => lastKnownGood))),
    [services],
  );
  const shown = useMemo(() => {
    const wanted = words.toLowerCase();
    return changes.filter(({ name, service, author, reason, digest }) =>
      `${name} ${service} ${author} ${reason} ${digest}`.toLowerCase().includes(wanted),
    );
  }, [changes, words]);
  return (
    <>
      <div className="view-head">
        <h1>Changes</h1>
        <Filter label="Filter changes" words={words} change={setWords} />
      </div>
      <section className="panel">
        {shown.length === 0 ? (
          <Empty says={changes.length === 0 ? 'No change is registered yet.' : 'No change has these words.'}>
            Register one with <code>ringfence apply -f change.yaml</code>, or paste its manifest under Plan.
          </Empty>
        ) : (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Change</th>
                  <th scope="col">State</th>
                  <th scope="col">Why</th>
                  <th scope="col">By</th>
                </tr>
              </thead>
              <tbody>
                {shown.slice(0, MOST_SHOWN).map((change) => {
                  const isGood = Object.values(change.slots).some((digest) => good.has(digest));
                  const last = rollouts.find((one) => one.change.digest === change.digest);
                  return (
                    <tr key={change.digest}>
                      <th scope="row">
                        <Link href={PLACES.change(change.digest)}>{change.name}</Link>
                        <span className="fine block">
                          {change.service} · <code>{shortDigest(change.digest)}</code>
                        </span>
                      </th>
                      <td>
                        {change.quarantine !== null && <Chip tone="bad">quarantined</Chip>}
                        {change.quarantine === null && isGood && <Chip tone="good">last known good</Chip>}
                        {change.quarantine === null &&
                          !isGood &&
                          (last === undefined ? (
                            'never went out'
                          ) : (
                            <Link href={PLACES.rollout(last.id)}>{last.id}</Link>
                          ))}
                      </td>
                      <td className="says">{change.reason}</td>
                      <td>
                        <Actor of={change.author} />
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            {shown.length > MOST_SHOWN && (
              <p className="fine">{plural(shown.length - MOST_SHOWN, 'older one')}: filter for what you look for.</p>
            )}
          </div>
        )}
      </section>
    </>
  );
}
