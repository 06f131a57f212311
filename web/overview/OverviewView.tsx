import { useFacts } from '../console.ts';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { RolloutCard } from '../rollout/RolloutCard.tsx';
import { byUrgency } from '../shell/phases.ts';
import { plural } from '../words.ts';
import { FleetHealth } from './FleetHealth.tsx';
import { FreezesSoon } from './FreezesSoon.tsx';
import { LastWords } from './LastWords.tsx';
import { WaitingForMe } from './WaitingForMe.tsx';

/** What is under way, what waits and for whom, and whether the fleet is well. */
export function OverviewView() {
  const rollouts = useFacts((facts) => facts.rollouts);
  const running = byUrgency(rollouts.filter(({ endedAt }) => endedAt === null));
  const ended = rollouts.filter(({ endedAt }) => endedAt !== null).slice(0, 5);
  return (
    <>
      <h1>Overview</h1>
      <div className="columns">
        <div className="stack">
          <WaitingForMe />
          <section className="stack" aria-labelledby="under-way">
            <h2 id="under-way">
              {running.length === 0 ? 'Nothing is under way' : `${plural(running.length, 'rollout')} under way`}
            </h2>
            {rollouts.length === 0 && (
              <Empty says="No change has been rolled out yet.">
                Register a service, a pipeline and a change with <code>ringfence apply</code>, then plan it here.
              </Empty>
            )}
            {running.map((rollout) => (
              <RolloutCard key={rollout.id} rollout={rollout} />
            ))}
          </section>
          {ended.length > 0 && (
            <section className="stack" aria-labelledby="ended">
              <h2 id="ended">Ended</h2>
              {ended.map((rollout) => (
                <RolloutCard key={rollout.id} rollout={rollout} />
              ))}
            </section>
          )}
        </div>
        <div className="stack">
          <FleetHealth />
          <FreezesSoon />
          <Panel title="Record">
            <LastWords />
          </Panel>
        </div>
      </div>
    </>
  );
}
