/** `5210` to `5,210`. */
export function formatCount(count: number): string {
  return Math.floor(count).toLocaleString('en-GB');
}

/** `1 target`, `5,210 targets`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `95_000` to `1m 35s`: the two largest units; `200` to `0.2s`. */
export function formatSpan(ms: number): string {
  if (ms >= 50 && ms < 950) return `${Number((ms / 1000).toFixed(1))}s`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

/** `sha256:1f0c…` to `1f0c2d3e4f5a`. */
export function shortDigest(digest: string | null): string {
  return digest === null ? 'unknown' : digest.slice(7, 19);
}

/** Names without repeats, at most so many, then how many more. */
export function listed(names: readonly string[], most = 6): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${formatCount(names.length - most)} more` : shown;
}

/** `4 %`, `0.4 %`, `< 0.1 %` of a share in [0, 1]: never nothing for what is something, never all for what is not. */
export function percent(share: number): string {
  if (share <= 0) return '0 %';
  if (share < 0.001) return '< 0.1 %';
  if (share < 0.0995) return `${Number((share * 100).toFixed(1))} %`;
  if (share < 0.995) return `${Math.round(share * 100)} %`;
  return share < 1 ? '> 99 %' : '100 %';
}

/** `4 targets (19 %), 52 % of the traffic`. */
export function sayReach({
  targets,
  share,
  traffic,
}: {
  targets: number;
  share: number;
  traffic: number | null;
}): string {
  const told = traffic === null ? '' : `, ${percent(traffic)} of the traffic`;
  return `${plural(targets, 'target')} (${percent(share)})${told}`;
}

export type Zone = 'local' | 'UTC';

/** An instant by the reader's clock or by UTC, in 24 hours; with the day when that is not today. */
export function formatTime(at: string | number, now: number, zone: Zone): string {
  const timeZone = zone === 'UTC' ? { timeZone: 'UTC' } : {};
  const date = new Date(at);
  const day = (of: Date) => of.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...timeZone });
  const year = Math.abs(date.getTime() - now) > 300 * 86_400_000 ? ` ${date.getUTCFullYear()}` : '';
  const time = date.toLocaleTimeString('en-GB', timeZone);
  return day(date) === day(new Date(now)) && year === '' ? time : `${day(date)}${year} ${time}`;
}

/** The instant in both clocks, for whoever wants to be certain. */
export function bothTimes(at: string | number): string {
  const date = new Date(at);
  const local = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
  return `${local} · ${date.toISOString()}`;
}
