import { useMemo } from 'react';
import { Link } from 'wouter';
import { useFacts } from '../console.ts';
import { toEntries } from '../eventWords.ts';
import { EntryList } from '../log/EntryList.tsx';
import { usePlanOf } from '../log/usePlanOf.ts';
import { PLACES } from '../shell/places.ts';

/** The newest of the log. */
export function LastWords() {
  const events = useFacts((facts) => facts.events);
  const planOf = usePlanOf();
  const entries = useMemo(() => toEntries(events, planOf).slice(0, 12), [events, planOf]);
  return (
    <>
      <EntryList entries={entries} />
      <p className="fine">
        <Link href={PLACES.log()}>The whole log, and its verification</Link>
      </p>
    </>
  );
}
