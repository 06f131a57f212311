import type { Freeze } from '../../core/policy/freeze.ts';
import { canonicalTimeZone } from '../../wire/manifest/freeze.ts';
import { abbreviate } from '../../wire/manifest/manifestProblem.ts';
import { ruleFault } from '../../wire/manifest/recurrenceRule.ts';
import { type ContentLine, unescapeText } from './contentLines.ts';
import { Occurrences } from './occurrences.ts';

/** What the reader of a file may be told. */
export interface ReadingOptions {
  /** The zone in which dates, and times without a zone, are meant; `null`: what the file says, else they are refused. */
  readonly timeZone: string | null;
  /** Whom the freezes bind, whatever the file says; empty: whom it says, else every service. */
  readonly services: readonly string[];
}

interface Surroundings {
  readonly zones: ReadonlyMap<string, string>;
  readonly timeZone: string | null;
  /** Names that are taken. */
  readonly names: ReadonlySet<string>;
}

/** Something in an event that cannot be taken for what it says. */
export class EventMistake extends Error {
  readonly line: number;
  readonly property: string;
  readonly found: string;
  readonly expected: string;
  constructor({ line, name }: { line: number; name: string }, found: string, expected: string) {
    super(`${name}: found ${found}, expected ${expected}`);
    this.line = line;
    this.property = name;
    this.found = found;
    this.expected = expected;
  }
}

/** Properties that change when an event is, and that are not read. */
const REFUSED: Readonly<Record<string, string>> = {
  RDATE: 'an event of its own for each further date',
  EXRULE: 'EXDATE, or a rule that leaves them out',
  'RECURRENCE-ID': 'an EXDATE in the recurring event, and an event of its own for what is moved',
};
const ONCE = ['DTSTART', 'DTEND', 'DURATION', 'RRULE', 'SUMMARY', 'STATUS'];

interface When {
  readonly local: Temporal.PlainDateTime;
  readonly timeZone: string;
  /** A day as a whole. */
  readonly date: boolean;
}

/** The freeze an event says; `null` when the event was cancelled. Throws an {@link EventMistake}. */
export function toFreeze(properties: readonly ContentLine[], line: number, around: Surroundings): Freeze | null {
  const of = (name: string) => properties.find((each) => each.name === name);
  for (const each of properties) {
    const instead = REFUSED[each.name];
    if (instead !== undefined) throw new EventMistake(each, each.name, instead);
    if (ONCE.includes(each.name) && of(each.name) !== each)
      throw new EventMistake(each, `a second ${each.name}`, 'it once in an event');
  }
  if (of('STATUS')?.value.toUpperCase() === 'CANCELLED') return null;
  const start = of('DTSTART');
  if (start === undefined) throw new EventMistake({ line, name: 'DTSTART' }, 'nothing', 'when the event starts');
  const summary = unescapeText(of('SUMMARY')?.value ?? '').trim();
  const reason = unescapeText(of('X-RINGFENCE-REASON')?.value ?? '').trim() || summary;
  if (reason === '')
    throw new EventMistake({ line, name: 'SUMMARY' }, 'nothing', 'the reason why nothing is to move then');
  const starts = readWhen(start, start.value, around);
  const rule = readRule(of('RRULE'), starts);
  // What has no zone of its own beside a start that has one is meant in that.
  const beside = { ...around, timeZone: starts.timeZone };
  return {
    name: of('X-RINGFENCE-NAME')?.value.trim() || freeName(summary || (of('UID')?.value ?? ''), around.names),
    services: (of('X-RINGFENCE-SERVICES')?.value ?? '').split(',').flatMap((each) => each.trim() || []),
    reason,
    timeZone: starts.timeZone,
    starts: starts.local.toString(),
    lasts: readLength(start, of('DTEND'), of('DURATION'), starts, rule !== null, beside),
    rule,
    except: readExceptions(properties, starts, rule !== null, beside),
  };
}

function readWhen(property: ContentLine, value: string, { zones, timeZone: floating }: Surroundings): When {
  const { params } = property;
  const date = params.get('VALUE') === 'DATE';
  const [, day, time, utc] = /^(\d{8})(?:T(\d{6})(Z?))?$/.exec(value) ?? [];
  if (day === undefined || (time === undefined) !== date)
    throw new EventMistake(property, abbreviate(value), 'a time such as 20261224T000000, or VALUE=DATE and a day');
  const zone = utc === 'Z' ? 'UTC' : (params.get('TZID') ?? floating);
  if (zone === null)
    throw new EventMistake(property, `${value}, without a time zone`, 'TZID, or the zone it is meant in: --time-zone');
  const timeZone = ianaName(zone, zones);
  if (timeZone === null)
    throw new EventMistake(property, `the time zone "${abbreviate(zone)}"`, 'a zone of the IANA database');
  try {
    return { local: Temporal.PlainDateTime.from(`${day}T${time ?? '000000'}`), timeZone, date };
  } catch {
    throw new EventMistake(property, abbreviate(value), 'a day and a time that exist');
  }
}

/** Some programs put a path before the name, or a name of their own with the real one in VTIMEZONE. */
function ianaName(zone: string, zones: ReadonlyMap<string, string>): string | null {
  const prefixed = /^\/.*?\/([A-Za-z_]+\/[A-Za-z_/+-]+)$/.exec(zone)?.[1];
  for (const name of [zone, zones.get(zone), prefixed]) {
    const canonical = name === undefined ? null : canonicalTimeZone(name);
    if (canonical !== null) return canonical;
  }
  return null;
}

/** As RFC 5545 has it: DURATION goes by the calendar, DTEND is a span of the clock as soon as the event recurs. */
function readLength(
  start: ContentLine,
  end: ContentLine | undefined,
  duration: ContentLine | undefined,
  starts: When,
  recurs: boolean,
  around: Surroundings,
): Freeze['lasts'] {
  if (end !== undefined && duration !== undefined)
    throw new EventMistake(duration, 'DURATION and DTEND', 'one of the two');
  if (duration !== undefined) return { duration: duration.value.toUpperCase().replace(/^\+/, '') };
  if (end === undefined) {
    if (starts.date) return { duration: 'P1D' };
    throw new EventMistake(start, 'neither DTEND nor DURATION', 'when the event ends, or how long it lasts');
  }
  const ends = readWhen(end, end.value, around);
  if (ends.date !== starts.date) throw new EventMistake(end, abbreviate(end.value), 'a day or a time as DTSTART has');
  const moment = (when: When) => when.local.toZonedDateTime(when.timeZone);
  if (Temporal.ZonedDateTime.compare(moment(ends), moment(starts)) <= 0)
    throw new EventMistake(end, abbreviate(end.value), 'a time after DTSTART');
  if (starts.date) return { duration: `P${starts.local.until(ends.local, { largestUnit: 'day' }).days}D` };
  const local = moment(ends).withTimeZone(starts.timeZone).toPlainDateTime();
  const comesOnce = local.toZonedDateTime(starts.timeZone).epochMilliseconds === moment(ends).epochMilliseconds;
  if (!recurs && comesOnce && Temporal.PlainDateTime.compare(local, starts.local) > 0)
    return { ends: local.toString() };
  const seconds = (moment(ends).epochMilliseconds - moment(starts).epochMilliseconds) / 1000;
  return { duration: clockDuration(seconds) };
}

/** `PT1H30M`, with every unit between the first and the last, as RFC 5545 wants it. */
function clockDuration(total: number): string {
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  if (hours > 0)
    return `PT${hours}H${minutes > 0 || seconds > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  return `PT${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 || minutes === 0 ? `${seconds}S` : ''}`;
}

function readRule(property: ContentLine | undefined, starts: When): string | null {
  if (property === undefined) return null;
  const rule = property.value
    .toUpperCase()
    .replace(/(?<=^|;)UNTIL=(\d{8})(T\d{6})?(?=;|$)/, (_, day: string, time: string | undefined) =>
      untilInUtc(property, starts, day, time),
    );
  const fault = ruleFault(rule);
  if (fault !== null) throw new EventMistake(property, fault.found ?? rule, fault.expected);
  // RFC 5545 leaves open whether a DTSTART that the rule does not give is an occurrence; programs differ.
  if (new Occurrences(rule, starts.local).between(starts.local, starts.local).length === 0)
    throw new EventMistake(property, 'a rule that does not give DTSTART', 'a DTSTART that is the first occurrence');
  return rule;
}

/** UNTIL has the type of DTSTART: a day of its zone counts to its end. */
function untilInUtc(property: ContentLine, starts: When, day: string, time: string | undefined): string {
  if ((time === undefined) !== starts.date)
    throw new EventMistake(property, `UNTIL=${day}${time ?? ''}`, 'UNTIL as a moment in UTC, as in 20271231T230000Z');
  try {
    const local = Temporal.PlainDateTime.from(`${day}${time ?? 'T235959'}`);
    const at = local.toZonedDateTime(starts.timeZone).toInstant().round('second').toString();
    return `UNTIL=${at.replaceAll(/[-:]/g, '')}`;
  } catch {
    throw new EventMistake(property, `UNTIL=${day}${time ?? ''}`, 'a day and a time that exist');
  }
}

function readExceptions(
  properties: readonly ContentLine[],
  starts: When,
  recurs: boolean,
  around: Surroundings,
): readonly string[] {
  const except = new Set<string>();
  for (const property of properties.filter(({ name }) => name === 'EXDATE')) {
    if (!recurs) throw new EventMistake(property, 'EXDATE', 'an RRULE that it is an exception of');
    for (const value of property.value.split(',')) {
      const when = readWhen(property, value, around);
      if (when.date !== starts.date)
        throw new EventMistake(property, abbreviate(value), 'a day or a time as DTSTART has');
      except.add(when.local.toZonedDateTime(when.timeZone).withTimeZone(starts.timeZone).toPlainDateTime().toString());
    }
  }
  return [...except];
}

/** A name for the manifest out of what people call the event. */
function freeName(text: string, taken: ReadonlySet<string>): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const base =
    plain
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 56)
      .replaceAll(/^-+|-+$/g, '') || 'freeze';
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
