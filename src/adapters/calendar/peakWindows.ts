import type { Instant } from '../../core/kernel/instant.ts';
import { type PeakHours, type PeakWindow, WEEKDAYS } from '../../core/policy/peak.ts';

/**
 * The windows of some peak hours that have a moment in common with [from, until), by their start. Both ends are wall-clock times: on
 * a day when the clock jumps between them, a peak is as much shorter or longer. A time that comes twice is the first one, one that
 * is left out is as much later as the clock jumped; a peak of which nothing is left that way does not take place.
 */
export function peakWindows(peak: PeakHours, from: Instant, until: Instant): readonly PeakWindow[] {
  const { timeZone } = peak;
  const [begins, ends] = [Temporal.PlainTime.from(peak.from), Temporal.PlainTime.from(peak.to)];
  const overMidnight = Temporal.PlainTime.compare(ends, begins) <= 0;
  const days = new Set(peak.days.map((day) => WEEKDAYS.indexOf(day) + 1));
  const windows: PeakWindow[] = [];
  const last = dayAt(until, timeZone);
  // From the day before: its peak may go over midnight.
  for (let day = dayAt(from, timeZone).subtract({ days: 1 }); isNotAfter(day, last); day = day.add({ days: 1 })) {
    if (!days.has(day.dayOfWeek)) continue;
    const starts = inZone(day, begins, timeZone);
    const closes = inZone(overMidnight ? day.add({ days: 1 }) : day, ends, timeZone);
    const window = { starts: starts.epochMilliseconds, ends: closes.epochMilliseconds };
    if (window.starts >= window.ends || window.starts >= until || window.ends <= from) continue;
    windows.push({ ...window, local: { starts: say(starts), ends: say(closes) } });
  }
  return windows;
}

function dayAt(at: Instant, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
}

function isNotAfter(day: Temporal.PlainDate, last: Temporal.PlainDate): boolean {
  return Temporal.PlainDate.compare(day, last) <= 0;
}

function inZone(day: Temporal.PlainDate, time: Temporal.PlainTime, timeZone: string): Temporal.ZonedDateTime {
  return day.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation: 'compatible' });
}

/** `2026-11-20 18:00 Europe/Berlin`. */
function say(at: Temporal.ZonedDateTime): string {
  return `${at.toPlainDate().toString()} ${at.toPlainTime().toString({ smallestUnit: 'minute' })} ${at.timeZoneId}`;
}
