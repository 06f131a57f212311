import { useMemo } from 'react';
import { useConsole, useFacts } from '../console.ts';
import { useFleetVersion } from '../live/fleet.ts';
import { type Revision, revisionsOf } from './revisions.ts';

/** What the fleet's holdings are called, by their number; with a service, by letters that only its changes take. */
export function useRevisions(service: string | null = null): readonly Revision[] {
  const { fleet } = useConsole();
  useFleetVersion(fleet);
  const changes = useFacts((facts) => facts.changes);
  const { holdings } = fleet;
  const count = holdings.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list only grows; its length says when.
  return useMemo(() => {
    const own = service === null ? changes : changes.filter((change) => change.service === service);
    return revisionsOf(holdings, own);
  }, [holdings, count, changes, service]);
}
