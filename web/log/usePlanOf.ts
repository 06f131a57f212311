import { useMemo } from 'react';
import { useFacts } from '../console.ts';
import type { PlanOf } from '../eventWords.ts';

/** The stages of the rollouts that are known, for sentences about them. */
export function usePlanOf(): PlanOf {
  const views = useFacts((facts) => facts.views);
  return useMemo(() => (id) => views.get(id)?.rollout.plan ?? null, [views]);
}
