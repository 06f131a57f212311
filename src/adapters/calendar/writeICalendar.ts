import type { Freeze } from '../../core/policy/freeze.ts';
import type { RecordedFreeze } from '../../core/record/world.ts';
import { canonicalTimeZone } from '../../wire/manifest/freeze.ts';
import { ruleFault } from '../../wire/manifest/recurrenceRule.ts';
import { Occurrences } from './occurrences.ts';
import { timeZoneComponent } from './timeZoneComponent.ts';

/**
 * Freezes as one iCalendar object (RFC 5545) that common clients subscribe to: an event each, its times in its own zone, and a
 * VTIMEZONE for every zone that is named. What iCalendar has no word for stands in X-RINGFENCE properties.
 */
export function writeICalendar(freezes: readonly RecordedFreeze[]): string {
  const sorted = [...freezes].sort((a, b) => (a.freeze.name < b.freeze.name ? -1 : 1));
  const earliest = sorted.map(({ freeze }) => freeze.starts).sort()[0] ?? '1970-01-01T00:00:00';
  const zones = [...new Set(sorted.map(({ freeze }) => freeze.timeZone))].filter(
    (zone) => zone !== 'UTC' && canonicalTimeZone(zone) !== null,
  );
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Ringfence//Freezes//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'NAME:Freezes',
    'X-WR-CALNAME:Freezes',
    ...zones.flatMap((zone) => timeZoneComponent(zone, Temporal.PlainDateTime.from(earliest))),
    ...sorted.flatMap(eventLines),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

function eventLines({ freeze, at }: RecordedFreeze): string[] {
  const { name, services, reason, rule, except } = freeze;
  const stamp = Temporal.Instant.fromEpochMilliseconds(at).round('second').toString();
  return [
    'BEGIN:VEVENT',
    `UID:freeze-${name}@ringfence.dev`,
    `DTSTAMP:${compact(stamp)}`,
    `DTSTART${localTime(firstStart(freeze), freeze.timeZone)}`,
    ...('duration' in freeze.lasts
      ? [`DURATION:${freeze.lasts.duration}`]
      : [`DTEND${localTime(freeze.lasts.ends, freeze.timeZone)}`]),
    ...(rule === null ? [] : [`RRULE:${rule}`]),
    ...except.map((each) => `EXDATE${localTime(each, freeze.timeZone)}`),
    `SUMMARY:${escapeText(`Freeze: ${reason}`)}`,
    `DESCRIPTION:${escapeText(`Nothing moves forward for ${services.length === 0 ? 'any service' : services.join(', ')}; rollbacks do.`)}`,
    'CATEGORIES:FREEZE',
    'TRANSP:TRANSPARENT',
    `X-RINGFENCE-NAME:${name}`,
    ...(services.length === 0 ? [] : [`X-RINGFENCE-SERVICES:${services.join(',')}`]),
    `X-RINGFENCE-REASON:${escapeText(reason)}`,
    'END:VEVENT',
  ];
}

/** To a client DTSTART is the first occurrence itself; our `starts` may be before it. */
function firstStart({ rule, starts }: Freeze): string {
  if (rule === null || ruleFault(rule) !== null) return starts;
  return new Occurrences(rule, Temporal.PlainDateTime.from(starts)).first(() => true)?.toString() ?? starts;
}

function localTime(local: string, timeZone: string): string {
  return timeZone === 'UTC' ? `:${compact(local)}Z` : `;TZID=${timeZone}:${compact(local)}`;
}

function compact(time: string): string {
  return time.replaceAll(/[-:]/g, '');
}

export function escapeText(text: string): string {
  return text
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll(/\r\n|\r|\n/g, '\\n')
    .replaceAll(/\p{Cc}/gu, ' ');
}

const MOST_OCTETS = 75;

/** Lines of at most 75 octets of UTF-8; what goes on begins with a space. A character is never cut in two. */
export function fold(line: string): string {
  let folded = '';
  let octets = 0;
  for (const sign of line) {
    const size = Buffer.byteLength(sign);
    if (octets + size > MOST_OCTETS) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += sign;
    octets += size;
  }
  return folded;
}
