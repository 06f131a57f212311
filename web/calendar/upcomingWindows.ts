import type { FreezeBody } from '../../src/wire/http/freeze.ts';

export interface UpcomingWindow {
  readonly freeze: string;
  readonly reason: string;
  /** Those it binds; empty: every one. */
  readonly services: readonly string[];
  readonly starts: string;
  readonly ends: string;
  /** By the clock of the freeze itself. */
  readonly local: { readonly starts: string; readonly ends: string };
  readonly isNow: boolean;
}

/** Windows that are not over, the earliest first: those that bind now stand before those that will. */
export function upcomingWindows(freezes: readonly FreezeBody[], now: number): readonly UpcomingWindow[] {
  return freezes
    .flatMap(({ services, windows }) =>
      windows.map((window) => ({
        ...window,
        services,
        isNow: Date.parse(window.starts) <= now && now < Date.parse(window.ends),
      })),
    )
    .filter(({ ends }) => now < Date.parse(ends))
    .sort((a, b) => Date.parse(a.starts) - Date.parse(b.starts));
}
