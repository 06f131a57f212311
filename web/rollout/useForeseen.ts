import { useEffect, useState } from 'react';
import type { Deed, ForeseenDeedsBody } from '../../src/wire/http/deed.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { useConsole, useLive } from '../console.ts';

/** However fast a rollout changes. */
const EVERY_MS = 1000;

/** Of every deed, why it would be refused the reader now, as the server itself decides; empty: it would be done. */
export function useForeseen({ rollout }: RolloutViewBody): ReadonlyMap<Deed, readonly string[]> {
  const { client } = useConsole();
  const who = useLive(({ session }) => session?.session?.token ?? null);
  const halt = useLive(({ facts }) => facts?.halt ?? null);
  const [foreseen, setForeseen] = useState<ReadonlyMap<Deed, readonly string[]>>(new Map());
  const { id, phase, stage, endedAt } = rollout;
  const standing = JSON.stringify([
    phase,
    stage,
    rollout.holds,
    rollout.paused,
    rollout.rollback,
    rollout.wave,
    halt,
    who,
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `standing` is what the answer depends on.
  useEffect(() => {
    if (endedAt !== null) return;
    const leaving = new AbortController();
    const ask = () =>
      client.get<ForeseenDeedsBody>(`/v1/rollouts/${encodeURIComponent(id)}/deeds`, leaving.signal).then(
        ({ deeds }) =>
          setForeseen(new Map(deeds.map(({ deed, refusals }) => [deed, refusals.map(({ says }) => says)]))),
        // The stream tells when the control plane is gone.
        () => undefined,
      );
    void ask();
    const timer = setTimeout(ask, EVERY_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [client, id, endedAt, standing]);
  return foreseen;
}
