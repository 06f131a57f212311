import { useMemo, useState } from 'react';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { toEntries } from '../eventWords.ts';
import { EntryList } from '../log/EntryList.tsx';
import { usePlanOf } from '../log/usePlanOf.ts';
import { Panel } from '../parts/Panel.tsx';
import { useRolloutEvents } from './useRolloutEvents.ts';

const FEW = 12;

/** What happened in a rollout, who did it and why; the newest first. */
export function Timeline({ view }: { readonly view: RolloutViewBody }) {
  const { events, isWhole } = useRolloutEvents(view);
  const planOf = usePlanOf();
  const [showsAll, setShowsAll] = useState(false);
  const entries = useMemo(() => toEntries(events, planOf), [events, planOf]);
  return (
    <Panel title="Timeline" className="timeline">
      <EntryList entries={showsAll ? entries : entries.slice(0, FEW)} />
      {entries.length > FEW && !showsAll && (
        <button type="button" onClick={() => setShowsAll(true)}>
          Show {entries.length - FEW} earlier
        </button>
      )}
      {!isWhole && <p className="fine">The log has more between these; the Log view has all of it.</p>}
    </Panel>
  );
}
