import { useMemo } from 'react';
import { Link } from 'wouter';
import type { RolloutBody } from '../../src/wire/http/rollout.ts';
import type { TargetBody } from '../../src/wire/http/target.ts';
import { useFacts } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';
import { useOpenedViews } from './useOpenedViews.ts';

/** The rollouts that had this target in one of their stages, newest first, and what became of it there. */
export function TargetHistory({ target }: { readonly target: TargetBody }) {
  const rollouts = useFacts((facts) => facts.rollouts);
  const own = useMemo(
    () => rollouts.filter(({ service }) => service === target.service).slice(0, 20),
    [rollouts, target.service],
  );
  const views = useOpenedViews(own.map(({ id }) => id));
  const passed = own.flatMap((summary) => {
    const rollout = views.get(summary.id)?.rollout;
    const told = rollout === undefined ? null : whatBecame(rollout, target);
    return told === null ? [] : [{ summary, told }];
  });
  return (
    <Panel title="History">
      {passed.length === 0 ? (
        <Empty says="No rollout had this target in one of its stages yet." />
      ) : (
        <ol className="rows">
          {passed.map(({ summary, told }) => {
            const { says, tone, mark } = phaseOf(summary);
            return (
              <li key={summary.id}>
                <p>
                  <Link href={PLACES.rollout(summary.id)}>{summary.change.name}</Link> <code>{summary.id}</code>{' '}
                  <Chip tone={tone} mark={mark}>
                    {says}
                  </Chip>
                </p>
                <p className="fine">
                  {told} · started <Time at={summary.startedAt} />
                </p>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}

/** `null`: it is in none of the stages. */
function whatBecame(
  { change, pipeline, openings, failed, stragglers }: RolloutBody,
  { role, labels, name }: TargetBody,
): string | null {
  if (!change.roles.includes(role)) return null;
  const stage = pipeline.stages.find(({ targets }) =>
    Object.entries(targets).every(([label, values]) => values.includes(labels[label] ?? '')),
  );
  if (stage === undefined) return null;
  const failure = failed.find(({ target }) => target === name);
  if (failure !== undefined) return `failed in ${stage.name}: ${failure.says}`;
  if (stragglers.includes(name)) return `in ${stage.name}, not back in time`;
  const opening = openings.find((one) => one.stage === stage.name);
  if (opening === undefined) return `in ${stage.name}, which was not open`;
  return opening.below >= 1 ? `in ${stage.name}, which was opened` : `in ${stage.name}, which was opened in part`;
}
