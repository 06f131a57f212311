/** The address of every view. */
export const PLACES = {
  overview: () => '/',
  rollouts: () => '/rollouts',
  rollout: (id: string) => `/rollouts/${encodeURIComponent(id)}`,
  plan: (change?: string, pipeline?: string) => {
    const query = new URLSearchParams({ ...(change ? { change } : {}), ...(pipeline ? { pipeline } : {}) });
    return query.size === 0 ? '/plan' : `/plan?${query}`;
  },
  changes: () => '/changes',
  change: (digest: string) => `/changes/${encodeURIComponent(digest)}`,
  services: () => '/services',
  service: (name: string) => `/services/${encodeURIComponent(name)}`,
  calendar: () => '/calendar',
  targets: () => '/targets',
  target: (uid: string) => `/targets/${encodeURIComponent(uid)}`,
  log: () => '/log',
  settings: () => '/settings',
} as const;

interface NavigationEntry {
  readonly says: string;
  readonly to: string;
  /** Pressed after `g`. */
  readonly key: string;
}

/** In the order of the navigation. */
export const NAVIGATION: readonly NavigationEntry[] = [
  { says: 'Overview', to: PLACES.overview(), key: 'o' },
  { says: 'Rollouts', to: PLACES.rollouts(), key: 'r' },
  { says: 'Plan', to: PLACES.plan(), key: 'p' },
  { says: 'Changes', to: PLACES.changes(), key: 'c' },
  { says: 'Services', to: PLACES.services(), key: 's' },
  { says: 'Targets', to: PLACES.targets(), key: 't' },
  { says: 'Calendar', to: PLACES.calendar(), key: 'f' },
  { says: 'Log', to: PLACES.log(), key: 'l' },
  { says: 'Settings', to: PLACES.settings(), key: ',' },
];
