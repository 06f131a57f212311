import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Freeze } from '../../core/policy/freeze.ts';
import { createCalendar } from './createCalendar.ts';
import { freezeWindows } from './freezeWindows.ts';
import { readICalendar } from './readICalendar.ts';
import { freezeOf } from './testing/freezeOf.ts';
import { writeICalendar } from './writeICalendar.ts';

const AT = Date.UTC(2026, 10, 20, 9, 30, 15, 400);
const write = (...freezes: readonly Freeze[]) =>
  writeICalendar(freezes.map((freeze) => ({ freeze, by: 'token:t', at: AT })));

/** The lines of an iCalendar text, put together again as RFC 5545 says, after a look at their form. */
function unfold(text: string): readonly string[] {
  assert.ok(text.endsWith('\r\n'));
  assert.doesNotMatch(text, /(?<!\r)\n|\r(?!\n)/, 'lines end with CRLF');
  for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, `75 octets at most: ${line}`);
  return text.slice(0, -2).replaceAll('\r\n ', '').split('\r\n');
}

describe('freezes as iCalendar', () => {
  it('an event with its zone, as RFC 5545 has it', () => {
    const lines = unfold(
      write(
        freezeOf({
          name: 'fridays',
          services: ['shop', 'payments'],
          starts: '2026-01-01T00:00:00',
          rule: 'FREQ=WEEKLY;BYDAY=FR',
          except: ['2026-04-03T00:00:00'],
          reason: 'Quiet; ends early, \\o/\nreally',
        }),
      ),
    );
    assert.deepEqual(lines, [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Ringfence//Freezes//EN',
      'CALSCALE:GREGORIAN',
      'METHOD:PUBLISH',
      'NAME:Freezes',
      'X-WR-CALNAME:Freezes',
      'BEGIN:VTIMEZONE',
      'TZID:Europe/Berlin',
      'BEGIN:STANDARD',
      'DTSTART:20250101T000000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:20250330T020000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
      'END:DAYLIGHT',
      'BEGIN:STANDARD',
      'DTSTART:20251026T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'END:STANDARD',
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'UID:freeze-fridays@ringfence.dev',
      'DTSTAMP:20261120T093015Z',
      'DTSTART;TZID=Europe/Berlin:20260102T000000',
      'DURATION:P1D',
      'RRULE:FREQ=WEEKLY;BYDAY=FR',
      'EXDATE;TZID=Europe/Berlin:20260403T000000',
      'SUMMARY:Freeze: Quiet\\; ends early\\, \\\\o/\\nreally',
      'DESCRIPTION:Nothing moves forward for shop\\, payments\\; rollbacks do.',
      'CATEGORIES:FREEZE',
      'TRANSP:TRANSPARENT',
      'X-RINGFENCE-NAME:fridays',
      'X-RINGFENCE-SERVICES:shop,payments',
      'X-RINGFENCE-REASON:Quiet\\; ends early\\, \\\\o/\\nreally',
      'END:VEVENT',
      'END:VCALENDAR',
    ]);
  });

  it('times in UTC need no zone, and no freeze is an empty calendar', () => {
    assert.ok(
      unfold(write(freezeOf({ timeZone: 'UTC', lasts: { ends: '2020-01-02T12:00:00' } }))).includes(
        'DTEND:20200102T120000Z',
      ),
    );
    assert.ok(!write(freezeOf({ timeZone: 'UTC' })).includes('VTIMEZONE'));
    assert.equal(unfold(write()).at(-1), 'END:VCALENDAR');
  });

  it('what is written is read again as the same freeze: the same windows, word for word', () => {
    const drawn = fc.record({
      name: fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,20}[a-z0-9])?$/),
      services: fc.uniqueArray(fc.constantFrom('shop', 'payments', 'mail'), { maxLength: 3 }),
      reason: fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
        .filter((text) => /\S/.test(text) && text === text.trim() && !/\p{Cc}/u.test(text)),
      timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
      starts: fc
        .date({ min: new Date(Date.UTC(2022, 0)), max: new Date(Date.UTC(2026, 0)), noInvalidDate: true })
        .map((date) => `${date.toISOString().slice(0, 16)}:00`),
      rule: fc.constantFrom(
        null,
        'FREQ=WEEKLY;BYDAY=FR',
        'FREQ=MONTHLY;BYMONTHDAY=13',
        'FREQ=DAILY;INTERVAL=3;COUNT=40',
        'FREQ=YEARLY;BYMONTH=12;BYDAY=-1FR',
        'FREQ=WEEKLY;INTERVAL=2;UNTIL=20270601T120000Z',
      ),
      lasts: fc.constantFrom(
        { duration: 'P1D' },
        { duration: 'P9D' },
        { duration: 'PT36H' },
        { duration: 'P1DT2H30M' },
      ),
    });
    const spans = (freeze: Freeze) => freezeWindows(freeze, Date.UTC(2021, 0), Date.UTC(2030, 0));
    fc.assert(
      fc.property(drawn, (given) => {
        const freeze = freezeOf(given);
        const read = readICalendar(write(freeze), 'a.ics', { timeZone: null, services: [] });
        assert.ok(read.ok, JSON.stringify(read));
        const [back] = read.value;
        assert.ok(back !== undefined);
        // With a rule, DTSTART is the first occurrence: the start itself may have been before it.
        assert.deepEqual({ ...back.freeze, starts: '' }, { ...freeze, starts: '' });
        assert.deepEqual(spans(back.freeze), spans(freeze));
        unfold(write(freeze));
      }),
      { numRuns: 150 },
    );
  });

  it('a zone whose clock follows no rule has its changes listed', () => {
    const lines = unfold(write(freezeOf({ timeZone: 'America/Sao_Paulo', starts: '2017-06-01T00:00:00' })));
    assert.ok(
      lines.some((line) => line.startsWith('RDATE:2018')),
      lines.join('\n'),
    );
    assert.ok(!lines.some((line) => line.startsWith('RRULE')));
  });

  it('a rule is written only where it is true: "the Friday before the last Sunday" is no last Friday', () => {
    const lines = unfold(write(freezeOf({ timeZone: 'Asia/Jerusalem', starts: '2026-06-01T00:00:00' })));
    const daylight = lines.slice(lines.indexOf('BEGIN:DAYLIGHT'), lines.indexOf('END:DAYLIGHT'));
    assert.ok(daylight.includes('RDATE:20290323T020000'), daylight.join('\n'));
    assert.ok(!daylight.some((line) => line.startsWith('RRULE')));
    assert.ok(lines.includes('RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU'));
  });

  it('a freeze that can no longer be worked out is still published as it is on the record', () => {
    assert.ok(
      createCalendar()
        .write([{ freeze: freezeOf({ rule: 'FREQ=NEVER' }), by: 'x', at: AT }])
        .includes('FREQ=NEVER'),
    );
    assert.ok(
      createCalendar()
        .write([{ freeze: freezeOf({ timeZone: 'Atlantis/Capital' }), by: 'x', at: AT }])
        .includes('Atlantis/Capital'),
    );
  });
});
