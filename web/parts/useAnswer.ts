import { useEffect, useState } from 'react';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole } from '../console.ts';

export type Answer<T> =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'here'; readonly body: T }
  | { readonly kind: 'refused'; readonly fault: ApiFault };

/** What the API answers to a GET; asked again when the path or `again` changes, keeping the old answer until the new one is there. */
export function useAnswer<T>(path: string | null, again: unknown = null): Answer<T> {
  const { client } = useConsole();
  const [answer, setAnswer] = useState<{ readonly to: string | null; readonly answer: Answer<T> }>({
    to: null,
    answer: { kind: 'waiting' },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is there to ask again.
  useEffect(() => {
    if (path === null) return;
    const leaving = new AbortController();
    client.get<T>(path, leaving.signal).then(
      (body) => setAnswer({ to: path, answer: { kind: 'here', body } }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setAnswer({ to: path, answer: { kind: 'refused', fault: faultOf(error) } });
      },
    );
    return () => leaving.abort();
  }, [client, path, again]);
  return answer.to === path ? answer.answer : { kind: 'waiting' };
}
