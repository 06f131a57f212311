import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { useConsole } from '../console.ts';
import { FleetMap } from '../fleet/FleetMap.tsx';
import type { MapGroup } from '../fleet/mapLayout.ts';
import { matchRows } from '../fleet/matchRows.ts';
import { useRevisions } from '../fleet/useRevisions.ts';
import { type Fleet, type Kind, useFleetVersion } from '../live/fleet.ts';
import { Empty } from '../parts/Empty.tsx';
import { Filter } from '../parts/Filter.tsx';
import { Panel } from '../parts/Panel.tsx';
import { PLACES } from '../shell/places.ts';

/** The targets of a rollout, stage by stage. */
export function RolloutMap({ view }: { readonly view: RolloutViewBody }) {
  const { fleet } = useConsole();
  const version = useFleetVersion(fleet);
  const [, go] = useLocation();
  const [words, setWords] = useState('');
  const { change, pipeline } = view.rollout;
  const revisions = useRevisions(change.service);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is changed in place; its version says when.
  const groups = useMemo(
    () => groupByStage(fleet, change.service, change.roles, pipeline.stages),
    [fleet, version, change.digest, pipeline],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  const matching = useMemo(() => matchRows(fleet, revisions, words), [fleet, version, revisions, words]);
  return (
    <Panel title="Targets" aside={<Filter label="Filter targets" words={words} change={setWords} />}>
      {groups.length === 0 ? (
        <Empty says="No target of these roles is enrolled." />
      ) : (
        <FleetMap
          groups={groups}
          revisions={revisions}
          matching={matching}
          height={300}
          open={(uid) => go(PLACES.target(uid))}
        />
      )}
    </Panel>
  );
}

type Stages = RolloutViewBody['rollout']['pipeline']['stages'];

/** A target stands in the first stage that selects it; those that none does stand last. */
function groupByStage(fleet: Fleet, service: string, roles: readonly string[], stages: Stages): readonly MapGroup[] {
  const stageOf = fleet.kinds.map((kind) =>
    kind.service === service && roles.includes(kind.role)
      ? stages.findIndex(({ targets }) => selects(targets, kind))
      : null,
  );
  const groups = [
    ...stages.map(({ name }) => ({ label: name, rows: [] as number[] })),
    { label: 'in no stage', rows: [] as number[] },
  ];
  for (let row = 0; row < fleet.size; row++) {
    const stage = stageOf[fleet.kindOf[row] ?? 0];
    if (typeof stage === 'number') groups.at(stage)?.rows.push(row);
  }
  return groups.filter(({ rows }) => rows.length > 0);
}

function selects(selector: Readonly<Record<string, readonly string[]>>, { labels }: Kind): boolean {
  return Object.entries(selector).every(([name, values]) => values.includes(labels[name] ?? ''));
}
