import type { Instant } from '../../core/kernel/instant.ts';
import type { Freeze, FreezeWindow } from '../../core/policy/freeze.ts';
import { Occurrences } from './occurrences.ts';

/** Wider than any step a time zone ever made (a whole day, where the date line moved). */
const SLACK = { hours: 50 } as const;

/** A freeze's windows that have a moment in common with [from, until), by their start. Throws on what it cannot work out. */
export function freezeWindows(freeze: Freeze, from: Instant, until: Instant): FreezeWindow[] {
  const { timeZone } = freeze;
  const windows = startsOf(freeze, localAt(from, timeZone), localAt(until, timeZone))
    .map((starts) => windowFrom(freeze, starts))
    .filter((window) => window.starts < window.ends && window.starts < until && window.ends > from);
  return windows.sort((a, b) => a.starts - b.starts);
}

/** The first window, wherever in time it is; `null`: there is none. */
export function firstWindow(freeze: Freeze): FreezeWindow | null {
  const starts = Temporal.PlainDateTime.from(freeze.starts);
  const occurrences = freeze.rule === null ? null : new Occurrences(freeze.rule, starts);
  const counts = (each: Temporal.PlainDateTime) => {
    const window = windowFrom(freeze, each);
    return window.starts < window.ends && !isLeftOut(freeze, occurrences, each);
  };
  const first = occurrences === null ? (counts(starts) ? starts : null) : occurrences.first(counts);
  return first === null ? null : windowFrom(freeze, first);
}

/** Wall-clock starts whose windows may reach into the span: some that do not are among them. */
function startsOf(
  freeze: Freeze,
  from: Temporal.PlainDateTime,
  to: Temporal.PlainDateTime,
): readonly Temporal.PlainDateTime[] {
  const starts = Temporal.PlainDateTime.from(freeze.starts);
  if (freeze.rule === null) return [starts];
  const longest = 'duration' in freeze.lasts ? Temporal.Duration.from(freeze.lasts.duration) : new Temporal.Duration();
  const occurrences = new Occurrences(freeze.rule, starts);
  return occurrences
    .between(from.subtract(longest).subtract(SLACK), to.add(SLACK))
    .filter((each) => !isLeftOut(freeze, occurrences, each));
}

function isLeftOut(freeze: Freeze, occurrences: Occurrences | null, starts: Temporal.PlainDateTime): boolean {
  if (freeze.except.includes(starts.toString())) return true;
  const until = occurrences?.until ?? null;
  return until !== null && Temporal.Instant.compare(inZone(starts, freeze.timeZone).toInstant(), until) > 0;
}

function windowFrom(freeze: Freeze, local: Temporal.PlainDateTime): FreezeWindow {
  const starts = inZone(local, freeze.timeZone);
  const ends = endOf(freeze, local);
  return {
    freeze: freeze.name,
    reason: freeze.reason,
    starts: starts.epochMilliseconds,
    ends: ends.epochMilliseconds,
    local: { starts: say(starts), ends: say(ends) },
  };
}

/** Days go by the calendar (the same time of day, however long the days are), hours by the clock, as RFC 5545 has it. */
function endOf({ lasts, timeZone }: Freeze, starts: Temporal.PlainDateTime): Temporal.ZonedDateTime {
  if ('ends' in lasts) return inZone(Temporal.PlainDateTime.from(lasts.ends), timeZone);
  const { weeks, days, hours, minutes, seconds } = Temporal.Duration.from(lasts.duration);
  return inZone(starts.add({ weeks, days }), timeZone).add({ hours, minutes, seconds });
}

/** A time that comes twice is the first one; one that is left out is as much later as the clock jumped (RFC 5545, section 3.3.5). */
function inZone(local: Temporal.PlainDateTime, timeZone: string): Temporal.ZonedDateTime {
  return local.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
}

function localAt(at: Instant, timeZone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDateTime();
}

/** `2026-12-24 00:00 Europe/Berlin`. */
function say(at: Temporal.ZonedDateTime): string {
  const time = at.toPlainTime().toString({ smallestUnit: at.second === 0 ? 'minute' : 'second' });
  return `${at.toPlainDate().toString()} ${time} ${at.timeZoneId}`;
}
