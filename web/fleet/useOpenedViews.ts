import { useEffect } from 'react';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { useConsole, useFacts } from '../console.ts';

/** How these rollouts stand; those that are not known yet are read, one after the other. */
export function useOpenedViews(ids: readonly string[]): ReadonlyMap<string, RolloutViewBody> {
  const { feed } = useConsole();
  const views = useFacts((facts) => facts.views);
  const missing = ids.find((id) => !views.has(id));
  useEffect(() => {
    // The stream tells when the control plane is gone.
    if (missing !== undefined) feed.openRollout(missing).catch(() => undefined);
  }, [feed, missing]);
  return views;
}
