import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useFacts } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Filter } from '../parts/Filter.tsx';
import { Says } from '../parts/Says.tsx';
import { Time } from '../parts/Time.tsx';
import { byUrgency, phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';

/** Every rollout: those under way first, held ones before all. */
export function RolloutsView() {
  const rollouts = useFacts((facts) => facts.rollouts);
  const [words, setWords] = useState('');
  const shown = useMemo(() => {
    const running = byUrgency(rollouts.filter(({ endedAt }) => endedAt === null));
    const all = [...running, ...rollouts.filter(({ endedAt }) => endedAt !== null)];
    const wanted = words.toLowerCase();
    return all.filter((one) =>
      `${one.id} ${one.change.name} ${one.service} ${phaseOf(one).says}`.toLowerCase().includes(wanted),
    );
  }, [rollouts, words]);
  return (
    <>
      <div className="view-head">
        <h1>Rollouts</h1>
        <Filter label="Filter rollouts" words={words} change={setWords} />
      </div>
      <section className="panel">
        {shown.length === 0 ? (
          <Empty says={rollouts.length === 0 ? 'No change has been rolled out yet.' : 'No rollout has these words.'} />
        ) : (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Rollout</th>
                  <th scope="col">State</th>
                  <th scope="col">What it does or waits for</th>
                  <th scope="col">Started</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((rollout) => {
                  const { says, tone, mark } = phaseOf(rollout);
                  return (
                    <tr key={rollout.id}>
                      <th scope="row">
                        <Link href={PLACES.rollout(rollout.id)}>{rollout.change.name}</Link>
                        <span className="fine block">
                          {rollout.service} · <code>{rollout.id}</code>
                        </span>
                      </th>
                      <td>
                        <Chip tone={tone} mark={mark}>
                          {says}
                        </Chip>
                      </td>
                      <td className="says">
                        <Says text={rollout.says} />
                      </td>
                      <td className="nowrap">
                        <Time at={rollout.startedAt} />
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  );
}
