import { useEffect, useState } from 'react';
import type { PlanBody } from '../../src/wire/http/plan.ts';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole, useFacts, useLive } from '../console.ts';

/** What starting would do, asked again when something happened on which it may depend. `null`: not known yet. */
export function usePlan(change: string, pipeline: string | null): PlanBody | ApiFault | null {
  const { client } = useConsole();
  const [plan, setPlan] = useState<{ readonly of: string; readonly plan: PlanBody | ApiFault } | null>(null);
  const last = useFacts(({ events }) => events.at(-1)?.position ?? 0);
  const who = useLive(({ session }) => session?.session?.token ?? null);
  const of = `${change} ${pipeline}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log's end and who asks are there to ask again.
  useEffect(() => {
    let isWanted = true;
    const told = (found: PlanBody | ApiFault) => {
      if (isWanted) setPlan({ of, plan: found });
    };
    client
      .send<PlanBody>('POST', '/v1/plans', { change, ...(pipeline === null ? {} : { pipeline }) })
      .then(told, (error: unknown) => told(faultOf(error)));
    return () => {
      isWanted = false;
    };
  }, [client, change, pipeline, of, last, who]);
  return plan?.of === of ? plan.plan : null;
}
