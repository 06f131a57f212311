import { useMemo } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useConsole } from '../console.ts';
import { useFleetVersion } from '../live/fleet.ts';
import { Empty } from '../parts/Empty.tsx';
import { Filter } from '../parts/Filter.tsx';
import { Panel } from '../parts/Panel.tsx';
import { PLACES } from '../shell/places.ts';
import { formatCount, plural } from '../words.ts';
import { FleetMap } from './FleetMap.tsx';
import { groupingsOf, groupRows } from './groupRows.ts';
import { matchRows } from './matchRows.ts';
import { TargetTable } from './TargetTable.tsx';
import { useRevisions } from './useRevisions.ts';

/** The whole fleet: as a map, and as a list of what the filter leaves. Filter and grouping stand in the address. */
export function TargetsView() {
  const { fleet } = useConsole();
  const version = useFleetVersion(fleet);
  const [, go] = useLocation();
  const [query, setQuery] = useSearchParams();
  const words = query.get('filter') ?? '';
  const grouping = query.get('by') ?? 'service';
  const revisions = useRevisions();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is changed in place; its version says when.
  const groups = useMemo(() => groupRows(fleet, grouping), [fleet, version, grouping]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  const matching = useMemo(() => matchRows(fleet, revisions, words), [fleet, version, revisions, words]);
  const set = (name: string, value: string) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const open = (uid: string) => go(PLACES.target(uid));
  return (
    <>
      <div className="view-head">
        <h1>Targets</h1>
        <label className="inline">
          <span>group by</span>
          <select value={grouping} onChange={({ target }) => set('by', target.value)}>
            {groupingsOf(fleet).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Filter
          label="Filter targets"
          words={words}
          change={(text) => set('filter', text)}
          placeholder="name, ring=canary, failed …  /"
        />
      </div>
      {fleet.size === 0 ? (
        <section className="panel">
          <Empty says={fleet.total === 0 ? 'No target has enrolled yet.' : `Reading ${plural(fleet.total, 'target')}…`}>
            Start an agent beside a service: <code>ringfence agent --config agent.yaml</code>
          </Empty>
        </section>
      ) : (
        <>
          <Panel
            title={plural(fleet.total, 'target')}
            aside={
              fleet.size < fleet.total ? <span className="fine">{formatCount(fleet.size)} read so far</span> : undefined
            }
          >
            <FleetMap groups={groups} revisions={revisions} matching={matching} height={420} open={open} />
          </Panel>
          <Panel title={matching === null ? 'The first of them' : `${plural(matching.size, 'target')} found`}>
            <TargetTable rows={matching === null ? null : [...matching]} revisions={revisions} />
          </Panel>
        </>
      )}
    </>
  );
}
