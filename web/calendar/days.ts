import type { Zone } from '../words.ts';

const DAY_MS = 86_400_000;

/** `2026-03-01`, by the reader's clock or by UTC. */
export function dayOf(at: number, zone: Zone): string {
  const date = new Date(at);
  if (zone === 'UTC') return date.toISOString().slice(0, 10);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Every day from the Monday of the week in which `from` is, so many weeks long. Noon stands for its day: no change of the clocks reaches it. */
export function weeksFrom(from: number, weeks: number, zone: Zone): readonly (readonly string[])[] {
  const noon = Date.parse(`${dayOf(from, zone)}T12:00:00Z`);
  const monday = noon - ((new Date(noon).getUTCDay() + 6) % 7) * DAY_MS;
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => dayOf(monday + (week * 7 + day) * DAY_MS, 'UTC')),
  );
}

/** Whether a span, which ends before its end, has a moment on a day. */
export function touches(day: string, starts: number, ends: number, zone: Zone): boolean {
  return dayOf(starts, zone) <= day && day <= dayOf(Math.max(starts, ends - 1), zone);
}
