import { useMemo } from 'react';
import type { EventBody, LogPage } from '../../src/wire/http/log.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { useFacts } from '../console.ts';
import { useAnswer } from '../parts/useAnswer.ts';

/** As many as one answer of the log has. */
const MOST = 1000;

/** What is on the record of a rollout, oldest first: read once from where it began, then as it comes. */
export function useRolloutEvents({ rollout: { id, position } }: RolloutViewBody): {
  readonly events: readonly EventBody[];
  readonly isWhole: boolean;
} {
  const answer = useAnswer<LogPage>(`/v1/log?after=${position - 1}&limit=${MOST}`);
  const live = useFacts((facts) => facts.events);
  return useMemo(() => {
    const read = answer.kind === 'here' ? answer.body.items : [];
    const last = read.at(-1)?.position ?? 0;
    const later = live.filter((event) => event.position > last && event.position >= position);
    const isWhole = read.length < MOST || later[0] === undefined || later[0].position === last + 1;
    return {
      events: [...read, ...later].filter(({ stream, data }) => stream === `rollout/${id}` || data.id === id),
      isWhole,
    };
  }, [answer, live, id, position]);
}
