/** How far ahead the changes of a zone are listed where they follow no rule. */
const LISTED_YEARS = 20;

interface Change {
  /** Wall-clock time before the change. */
  readonly local: Temporal.PlainDateTime;
  readonly from: string;
  readonly to: string;
  readonly kind: 'STANDARD' | 'DAYLIGHT';
}

/**
 * The VTIMEZONE that RFC 5545 asks for: what the zone's clock showed before `since`, and every change from there on. Changes that
 * come every year on the same kind of day are written as a rule, the others as a list.
 */
export function timeZoneComponent(timeZone: string, since: Temporal.PlainDateTime): string[] {
  const start = since.subtract({ years: 1 }).toZonedDateTime(timeZone);
  const changes = changesOf(start, LISTED_YEARS + 1);
  const first = observance(
    { local: start.toPlainDateTime(), from: offset(start), to: offset(start), kind: 'STANDARD' },
    [],
  );
  const groups = Map.groupBy(changes, ({ from, to }) => `${from}${to}`);
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${timeZone}`,
    ...first,
    ...[...groups.values()].flatMap(groupLines),
    'END:VTIMEZONE',
  ];
}

function changesOf(start: Temporal.ZonedDateTime, years: number): readonly Change[] {
  const end = start.add({ years });
  const changes: Change[] = [];
  for (
    let next = start.getTimeZoneTransition('next');
    next !== null && Temporal.ZonedDateTime.compare(next, end) < 0;
    next = next.getTimeZoneTransition('next')
  ) {
    const before = next.subtract({ nanoseconds: 1 });
    if (before.offsetNanoseconds === next.offsetNanoseconds) continue;
    changes.push({
      local: before.toPlainDateTime().round('second'),
      from: offset(before),
      to: offset(next),
      kind: next.offsetNanoseconds > before.offsetNanoseconds ? 'DAYLIGHT' : 'STANDARD',
    });
  }
  return changes;
}

function groupLines(changes: readonly Change[]): string[] {
  const [first, ...others] = changes;
  if (first === undefined) return [];
  const rule = yearlyRule(changes);
  if (rule !== null) return observance(first, [`RRULE:${rule}`]);
  return observance(
    first,
    others.map(({ local }) => `RDATE:${compact(local)}`),
  );
}

/** `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU` where that gives exactly these changes, one every year; else `null`. */
function yearlyRule(changes: readonly Change[]): string | null {
  const [first] = changes;
  if (first === undefined || changes.length < LISTED_YEARS) return null;
  const { local } = first;
  const same = changes.every(
    (each, index) =>
      each.local.year === local.year + index &&
      each.local.month === local.month &&
      each.local.dayOfWeek === local.dayOfWeek &&
      each.local.toPlainTime().equals(local.toPlainTime()),
  );
  if (!same) return null;
  const day = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'][local.dayOfWeek - 1];
  const nth = Math.ceil(local.day / 7);
  if (changes.every((each) => Math.ceil(each.local.day / 7) === nth))
    return `FREQ=YEARLY;BYMONTH=${local.month};BYDAY=${nth}${day}`;
  if (changes.every((each) => each.local.day + 7 > each.local.daysInMonth))
    return `FREQ=YEARLY;BYMONTH=${local.month};BYDAY=-1${day}`;
  return null;
}

function observance({ local, from, to, kind }: Change, recurs: readonly string[]): string[] {
  return [
    `BEGIN:${kind}`,
    `DTSTART:${compact(local)}`,
    `TZOFFSETFROM:${from}`,
    `TZOFFSETTO:${to}`,
    ...recurs,
    `END:${kind}`,
  ];
}

/** `+0100`, with seconds where an offset has them. */
function offset(at: Temporal.ZonedDateTime): string {
  return at.offset.replaceAll(':', '');
}

function compact(local: Temporal.PlainDateTime): string {
  return local.round('second').toString().replaceAll(/[-:]/g, '');
}
