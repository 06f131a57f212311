import { useEffect, useState } from 'react';
import type { JudgedRolloutBody } from '../../src/wire/http/judge.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { useConsole } from '../console.ts';

export type JudgedSeries = JudgedRolloutBody['series'][number];

/** However often the verdicts change. */
const EVERY_MS = 2000;

/** How the checks of a rollout have gone so far; read again while its verdicts change. `null`: not known yet. */
export function useJudged({ rollout, verdicts }: RolloutViewBody): readonly JudgedSeries[] | null {
  const { client } = useConsole();
  const [judged, setJudged] = useState<readonly JudgedSeries[] | null>(null);
  const [askedFor, setAskedFor] = useState('');
  const newest = JSON.stringify([
    rollout.phase,
    verdicts.map(({ estimate, lower, upper, outcome }) => [estimate, lower, upper, outcome]),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was asked for last is there to ask again.
  useEffect(() => {
    const leaving = new AbortController();
    client.get<JudgedRolloutBody>(`/v1/rollouts/${encodeURIComponent(rollout.id)}/judge`, leaving.signal).then(
      ({ series }) => {
        if (!leaving.signal.aborted) setJudged(series);
      },
      // The stream tells when the control plane is gone; the sentences say what the plots would.
      () => undefined,
    );
    return () => leaving.abort();
  }, [client, rollout.id, askedFor]);
  useEffect(() => {
    if (newest === askedFor) return;
    const timer = setTimeout(() => setAskedFor(newest), askedFor === '' ? 0 : EVERY_MS);
    return () => clearTimeout(timer);
  }, [newest, askedFor]);
  return judged;
}
