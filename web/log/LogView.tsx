import { useMemo, useState } from 'react';
import type { EventBody, LogPage } from '../../src/wire/http/log.ts';
import { useConsole, useFacts } from '../console.ts';
import { toEntries } from '../eventWords.ts';
import { Filter } from '../parts/Filter.tsx';
import { Panel } from '../parts/Panel.tsx';
import { formatCount } from '../words.ts';
import { EntryList } from './EntryList.tsx';
import { usePlanOf } from './usePlanOf.ts';
import { Verification } from './Verification.tsx';

const PAGE = 200;
const MOST_SHOWN = 300;

/** All that is on the record, newest first, as far back as one cares to read; and whether it is what was signed. */
export function LogView() {
  const { client } = useConsole();
  const live = useFacts((facts) => facts.events);
  const planOf = usePlanOf();
  const [earlier, setEarlier] = useState<readonly EventBody[]>([]);
  const [words, setWords] = useState('');
  const first = (earlier[0] ?? live[0])?.position ?? 1;
  const entries = useMemo(() => {
    const oldest = live[0]?.position ?? Number.POSITIVE_INFINITY;
    const wanted = words.toLowerCase();
    const all = toEntries([...earlier.filter(({ position }) => position < oldest), ...live], planOf);
    return all.filter(({ says, actor, position }) => `${says} ${actor} #${position}`.toLowerCase().includes(wanted));
  }, [earlier, live, planOf, words]);
  const more = async () => {
    const after = Math.max(0, first - 1 - PAGE);
    const { items } = await client.get<LogPage>(`/v1/log?after=${after}&limit=${first - 1 - after}`);
    setEarlier((known) => [...items, ...known]);
  };
  return (
    <>
      <div className="view-head">
        <h1>Log</h1>
        <Filter label="Filter the log" words={words} change={setWords} />
      </div>
      <div className="columns">
        <Panel
          title="Events"
          aside={<span className="fine">#{formatCount(live.at(-1)?.position ?? 0)} is the newest</span>}
        >
          <EntryList entries={entries.slice(0, MOST_SHOWN)} />
          {entries.length > MOST_SHOWN && (
            <p className="fine">
              {formatCount(entries.length - MOST_SHOWN)} more are read: filter for what you look for.
            </p>
          )}
          {first > 1 && (
            <button type="button" onClick={() => void more().catch(() => undefined)}>
              Read earlier ones
            </button>
          )}
        </Panel>
        <Verification />
      </div>
    </>
  );
}
