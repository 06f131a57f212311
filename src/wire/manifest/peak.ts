import { type PeakHours, WEEKDAYS, type Weekday } from '../../core/policy/peak.ts';
import { always, asMapping, fields, list, mistake } from './fields.ts';
import { timeZone } from './freeze.ts';
import { duration, pattern } from './scalars.ts';

const TIME = 'a time of day in quotes, such as "18:00"';
const time = pattern(TIME, /^(?:[01]\d|2[0-3]):[0-5]\d$/);

const DAYS = `days or spans of days, such as mon-fri or sat (${WEEKDAYS.join(', ')})`;
const DAY = `(?:${WEEKDAYS.join('|')})`;
const days = list(`a list of ${DAYS}`, pattern(DAYS, new RegExp(`^${DAY}(?:-${DAY})?$`)), 7).transform(
  (spans): readonly Weekday[] => {
    const named = new Set(spans.flatMap(daysOf));
    return WEEKDAYS.filter((day) => named.has(day));
  },
);

/** `sat-mon` goes over the end of the week. */
function daysOf(span: string): readonly Weekday[] {
  const [first = '', last = first] = span.split('-');
  const from = WEEKDAYS.indexOf(first as Weekday);
  const count = ((WEEKDAYS.indexOf(last as Weekday) - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, index) => WEEKDAYS[(from + index) % 7] ?? 'mon');
}

const MINUTE_MS = 60_000;

/** When the service has the most to do: a bake is not over before it has seen it. */
export const peak = fields('a mapping with from, to and timeZone', {
  from: time.describe('when it begins, by the clock of the zone'),
  to: time.describe('when it ends; where that is not after from, on the next day'),
  timeZone: timeZone.describe('whose clock that is'),
  days: days.optional().describe('on which days it begins; left out: on every one'),
  atLeast: duration('24h').optional().describe('how much of it the bake must cover; left out: the whole of it'),
})
  .superRefine((found: unknown, sink) => {
    const { from, to, atLeast } = asMapping(found);
    if (
      typeof from !== 'string' ||
      typeof to !== 'string' ||
      !time.safeParse(from).success ||
      !time.safeParse(to).success
    )
      return;
    if (from === to) mistake(sink, ['to'], 'another time than from');
    else if (typeof atLeast === 'number' && atLeast > minutesBetween(from, to) * MINUTE_MS)
      mistake(sink, ['atLeast'], 'no more than there is between from and to');
  }, always)
  .transform(({ atLeast, days: named, ...hours }): PeakHours => {
    return { ...hours, days: named ?? WEEKDAYS, ...(atLeast === undefined ? {} : { atLeastMs: atLeast }) };
  });

function minutesBetween(from: string, to: string): number {
  const [start, end] = [from, to].map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
  return ((end ?? 0) - (start ?? 0) + 1440) % 1440;
}
