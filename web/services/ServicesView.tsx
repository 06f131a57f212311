import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useConsole, useFacts } from '../console.ts';
import { STANDING_LOOKS } from '../fleet/standingLooks.ts';
import { STANDINGS, useFleetVersion } from '../live/fleet.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Filter } from '../parts/Filter.tsx';
import { Panel } from '../parts/Panel.tsx';
import { phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';
import { formatCount } from '../words.ts';
import { ServiceGraph } from './ServiceGraph.tsx';

/** Every service: how well it is, what moves in it, and who needs whom. */
export function ServicesView() {
  const services = useFacts((facts) => facts.services);
  const rollouts = useFacts((facts) => facts.rollouts);
  const health = useServiceHealth();
  const [words, setWords] = useState('');
  const shown = services.filter(({ name }) => name.includes(words.toLowerCase()));
  return (
    <>
      <div className="view-head">
        <h1>Services</h1>
        <Filter label="Filter services" words={words} change={setWords} />
      </div>
      {services.length === 0 ? (
        <section className="panel">
          <Empty says="No service is registered yet.">
            Register one with <code>ringfence apply -f service.yaml</code>.
          </Empty>
        </section>
      ) : (
        <>
          <Panel title="Who needs whom">
            <ServiceGraph services={services} centre={null} />
          </Panel>
          <section className="panel">
            <div className="table-scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Service</th>
                    <th scope="col">Targets</th>
                    <th scope="col">In trouble</th>
                    <th scope="col">Rollout</th>
                    <th scope="col">Needs</th>
                    <th scope="col">Needed by</th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map(({ name, roles, dependsOn, neededBy }) => {
                    const running = rollouts.find((one) => one.service === name && one.endedAt === null);
                    const { targets = 0, trouble = 0 } = health.get(name) ?? {};
                    return (
                      <tr key={name}>
                        <th scope="row">
                          <Link href={PLACES.service(name)}>{name}</Link>
                          <span className="fine block">{roles.join(', ')}</span>
                        </th>
                        <td className="count">{formatCount(targets)}</td>
                        <td>{trouble === 0 ? '–' : <Chip tone="bad">{formatCount(trouble)}</Chip>}</td>
                        <td>
                          {running === undefined ? (
                            '–'
                          ) : (
                            <Link href={PLACES.rollout(running.id)}>{`${running.id} ${phaseOf(running).says}`}</Link>
                          )}
                        </td>
                        <td>{dependsOn.join(', ') || '–'}</td>
                        <td>{neededBy.join(', ') || '–'}</td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            {shown.length === 0 && <Empty says="No service has these words." />}
          </section>
        </>
      )}
    </>
  );
}

function useServiceHealth(): ReadonlyMap<string, { readonly targets: number; readonly trouble: number }> {
  const { fleet } = useConsole();
  const version = useFleetVersion(fleet);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is changed in place; its version says when.
  return useMemo(() => {
    const found = new Map<string, { targets: number; trouble: number }>();
    for (let row = 0; row < fleet.size; row++) {
      const service = fleet.kinds[fleet.kindOf[row] ?? 0]?.service ?? '';
      const known = found.get(service) ?? { targets: 0, trouble: 0 };
      found.set(service, known);
      known.targets++;
      if (STANDING_LOOKS[STANDINGS[fleet.standing[row] ?? 0] ?? 'settled'].isTrouble) known.trouble++;
    }
    return found;
  }, [fleet, version]);
}
