import { createContext, useContext } from 'react';
import type { ApiClient } from './api/apiClient.ts';
import type { Feed } from './live/feed.ts';
import type { Fleet } from './live/fleet.ts';
import type { Connection, Facts, Live } from './live/live.ts';
import { useStore } from './live/store.ts';

/** What every view stands on. */
export interface Console {
  readonly client: ApiClient;
  readonly feed: Feed;
  readonly fleet: Fleet;
}

export const ConsoleContext = createContext<Console | null>(null);

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === null) throw new Error('a view is drawn outside the console');
  return found;
}

/** A part of what is known, and a redraw whenever that part changes. */
export function useLive<S>(select: (live: Live) => S): S {
  return useStore(useConsole().feed.live, select);
}

/** The same of the facts: views are drawn only when there are any. */
export function useFacts<S>(select: (facts: Facts) => S): S {
  return useLive(({ facts }) => {
    if (facts === null) throw new Error('a view is drawn before there are facts');
    return select(facts);
  });
}

export function useConnection(): Connection {
  return useLive(({ connection }) => connection);
}
