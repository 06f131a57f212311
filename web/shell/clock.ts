import { useSyncExternalStore } from 'react';
import { useConsole } from '../console.ts';
import { Store, useStore } from '../live/store.ts';
import type { Zone } from '../words.ts';

const second = new Store(Math.floor(Date.now() / 1000));
setInterval(() => {
  if (!document.hidden) second.set(Math.floor(Date.now() / 1000));
}, 1000);

/** The server's present, anew every second. */
export function useNow(): number {
  useSyncExternalStore(second.subscribe, second.get);
  return useConsole().client.now();
}

const KEPT_AS = 'ringfence.zone';
const zone = new Store<Zone>(localStorage.getItem(KEPT_AS) === 'UTC' ? 'UTC' : 'local');

/** In whose time instants are shown: the reader's, until they choose UTC. */
export function useZone(): Zone {
  return useStore(zone, (value) => value);
}

export function switchZone(): void {
  const next = zone.get() === 'UTC' ? 'local' : 'UTC';
  localStorage.setItem(KEPT_AS, next);
  zone.set(next);
}

/** What the reader's own time is called: `CET`, `GMT+5:30`. */
export function localZoneName(): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts();
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'local';
}
