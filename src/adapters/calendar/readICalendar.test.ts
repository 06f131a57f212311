import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Freeze } from '../../core/policy/freeze.ts';
import { freezeWindows } from './freezeWindows.ts';
import { readICalendar } from './readICalendar.ts';

const AS_WRITTEN = { timeZone: null, services: [] };

/** A calendar of one event; line 3 is BEGIN:VEVENT. */
const event = (...lines: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const BERLIN = 'DTSTART;TZID=Europe/Berlin:20260102T000000';
const SUMMARY = 'SUMMARY:Weekend watch';

function read(text: string, options: Parameters<typeof readICalendar>[2] = AS_WRITTEN): readonly Freeze[] {
  const outcome = readICalendar(text, 'a.ics', options);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.map(({ freeze }) => freeze);
}

describe('an event as a freeze', () => {
  const base = {
    name: 'weekend-watch',
    services: [],
    reason: 'Weekend watch',
    timeZone: 'Europe/Berlin',
    starts: '2026-01-02T00:00:00',
    rule: null,
    except: [],
  };
  const table: readonly [why: string, lines: readonly string[], freeze: Partial<Freeze>][] = [
    [
      'a time with a zone, and its end',
      [BERLIN, 'DTEND;TZID=Europe/Berlin:20260103T120000', SUMMARY],
      { lasts: { ends: '2026-01-03T12:00:00' } },
    ],
    ['an end in another zone', [BERLIN, 'DTEND:20260103T110000Z', SUMMARY], { lasts: { ends: '2026-01-03T12:00:00' } }],
    ['UTC', ['DTSTART:20260102T000000Z', 'DURATION:PT36H', SUMMARY], { timeZone: 'UTC', lasts: { duration: 'PT36H' } }],
    [
      'a rule; its duration goes by the calendar',
      [BERLIN, 'DURATION:P1D', 'RRULE:FREQ=WEEKLY;BYDAY=FR', SUMMARY],
      { lasts: { duration: 'P1D' }, rule: 'FREQ=WEEKLY;BYDAY=FR' },
    ],
    [
      'a rule with an end: a span of the clock',
      [BERLIN, 'DTEND;TZID=Europe/Berlin:20260103T003000', 'RRULE:FREQ=WEEKLY', SUMMARY],
      { lasts: { duration: 'PT24H30M' }, rule: 'FREQ=WEEKLY' },
    ],
    [
      'exceptions, in lists and in other zones',
      [
        BERLIN,
        'DURATION:P1D',
        'RRULE:FREQ=WEEKLY',
        'EXDATE;TZID=Europe/Berlin:20260109T000000,20260116T000000',
        'EXDATE:20260122T230000Z',
        SUMMARY,
      ],
      {
        lasts: { duration: 'P1D' },
        rule: 'FREQ=WEEKLY',
        except: ['2026-01-09T00:00:00', '2026-01-16T00:00:00', '2026-01-23T00:00:00'],
      },
    ],
    [
      'lines that are folded, in lower case, with quotes',
      ['dtstart;tzid="Europe/', ' Berlin":20260102T000000', 'duration:P1D', 'SUMMARY;LANGUAGE=en:Week', '\tend watch'],
      { lasts: { duration: 'P1D' } },
    ],
    [
      'what is escaped',
      [BERLIN, 'DURATION:P1D', 'SUMMARY:Ferien\\, und\\nRuhe \\\\o/ \\; ja'],
      { name: 'ferien-und-ruhe-o-ja', reason: 'Ferien, und\nRuhe \\o/ ; ja', lasts: { duration: 'P1D' } },
    ],
    [
      'alarms and properties of others are passed over',
      [
        BERLIN,
        'DURATION:P1D',
        SUMMARY,
        'LOCATION:Köln',
        'X-APPLE-THING;A=b:c',
        'BEGIN:VALARM',
        'TRIGGER:-PT1H',
        'DURATION:PT5M',
        'REPEAT:2',
        'END:VALARM',
      ],
      { lasts: { duration: 'P1D' } },
    ],
    [
      'a zone with a path before its name',
      ['DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260102T000000', 'DURATION:P1D', SUMMARY],
      { lasts: { duration: 'P1D' } },
    ],
  ];
  for (const [why, lines, freeze] of table)
    it(why, () => assert.deepEqual(read(event(...lines)), [{ ...base, ...freeze }]));

  it('days need a zone: that of the calendar, or the one that is said', () => {
    const days = event(
      'DTSTART;VALUE=DATE:20261224',
      'DTEND;VALUE=DATE:20270102',
      'RRULE:FREQ=YEARLY;UNTIL=20301231',
      'EXDATE;VALUE=DATE:20281224',
      'SUMMARY:Holidays',
    );
    const expected = {
      ...base,
      name: 'holidays',
      reason: 'Holidays',
      starts: '2026-12-24T00:00:00',
      lasts: { duration: 'P9D' },
      rule: 'FREQ=YEARLY;UNTIL=20301231T225959Z',
      except: ['2028-12-24T00:00:00'],
    };
    assert.deepEqual(read(days, { timeZone: 'Europe/Berlin', services: [] }), [expected]);
    assert.deepEqual(read(days.replace('VERSION:2.0', 'VERSION:2.0\r\nX-WR-TIMEZONE:Europe/Berlin')), [expected]);
    assert.deepEqual(read(days, { timeZone: 'Europe/Berlin', services: ['shop'] }), [
      { ...expected, services: ['shop'] },
    ]);
    const [freeze] = read(days, { timeZone: 'Asia/Kolkata', services: [] });
    assert.ok(freeze !== undefined);
    const windows = freezeWindows(freeze, Date.UTC(2026, 0), Date.UTC(2040, 0));
    assert.deepEqual(
      windows.map(({ local }) => local.starts.slice(0, 4)),
      ['2026', '2027', '2029', '2030'],
    );
  });

  it('a zone that a program calls by a name of its own, with the real one in its VTIMEZONE', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Office Time',
      'X-LIC-LOCATION:Europe/Berlin',
      'BEGIN:STANDARD',
      'DTSTART:19701025T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'END:VTIMEZONE',
    ];
    const text = event('DTSTART;TZID=Office Time:20260102T000000', 'DURATION:P1D', SUMMARY).replace(
      'BEGIN:VEVENT',
      [...zone, 'BEGIN:VEVENT'].join('\r\n'),
    );
    assert.equal(read(text)[0]?.timeZone, 'Europe/Berlin');
  });

  it('cancelled events bind nobody; names are made so that none is taken twice', () => {
    const one = ['BEGIN:VEVENT', BERLIN, 'DURATION:P1D', SUMMARY, 'END:VEVENT'];
    const text = ['BEGIN:VCALENDAR', ...one, ...one.toSpliced(1, 0, 'STATUS:CANCELLED'), ...one, 'END:VCALENDAR'].join(
      '\n',
    );
    assert.deepEqual(
      read(text).map(({ name }) => name),
      ['weekend-watch', 'weekend-watch-2'],
    );
  });
});

describe('what is not understood is refused, with its line', () => {
  const P1D = 'DURATION:P1D';
  const table: readonly [lines: readonly string[], line: number, says: RegExp][] = [
    [[P1D, SUMMARY], 3, /VEVENT\.DTSTART: found nothing, expected when the event starts/],
    [[BERLIN, P1D], 3, /VEVENT\.SUMMARY: found nothing, expected the reason/],
    [[BERLIN, SUMMARY], 4, /found neither DTEND nor DURATION/],
    [[BERLIN, P1D, 'DTEND:20260103T000000Z', SUMMARY], 5, /found DURATION and DTEND, expected one of the two/],
    [
      ['DTSTART;VALUE=DATE:20261224', SUMMARY],
      4,
      /20261224, without a time zone, expected TZID, or the zone it is meant in: --time-zone/,
    ],
    [['DTSTART:20261224T000000', P1D, SUMMARY], 4, /without a time zone/],
    [
      ['DTSTART;TZID=W. Europe Standard Time:20261224T000000', P1D, SUMMARY],
      4,
      /the time zone "W. Europe Standard Time", expected a zone of the IANA database/,
    ],
    [['DTSTART;TZID=+01:00:20261224T000000', P1D, SUMMARY], 4, /found 00:20261224T000000, expected a time such as/],
    [['DTSTART:20260230T000000Z', P1D, SUMMARY], 4, /20260230T000000Z, expected a day and a time that exist/],
    [['DTSTART:tomorrow', P1D, SUMMARY], 4, /found tomorrow, expected a time such as/],
    [['DTSTART:20261224', SUMMARY], 4, /expected a time such as .* or VALUE=DATE and a day/],
    [[BERLIN, 'DTEND;TZID=Europe/Berlin:20260101T000000', SUMMARY], 5, /expected a time after DTSTART/],
    [[BERLIN, 'DTEND;VALUE=DATE:20260103', SUMMARY], 5, /found 20260103, expected a day or a time as DTSTART has/],
    [[BERLIN, 'DURATION:-P1D', SUMMARY], 3, /a duration of RFC 5545 of at most 366 days/],
    [[BERLIN, 'DURATION:P2Y', SUMMARY], 3, /a duration of RFC 5545/],
    [
      [BERLIN, P1D, 'RRULE:FREQ=HOURLY', SUMMARY],
      6,
      /VEVENT\.RRULE: found FREQ=HOURLY, expected FREQ with DAILY, WEEKLY/,
    ],
    [[BERLIN, P1D, 'RRULE:FREQ=WEEKLY;BYDAY=MO', SUMMARY], 6, /found a rule that does not give DTSTART/],
    [[BERLIN, P1D, 'RRULE:FREQ=WEEKLY;UNTIL=20261231', SUMMARY], 6, /expected UNTIL as a moment in UTC/],
    [[BERLIN, P1D, 'RRULE:FREQ=WEEKLY', 'RRULE:FREQ=DAILY', SUMMARY], 7, /found a second RRULE/],
    [[BERLIN, P1D, 'RRULE:RSCALE=HEBREW;FREQ=YEARLY', SUMMARY], 6, /found the part RSCALE/],
    [[BERLIN, P1D, 'RDATE:20260303T000000Z', SUMMARY], 6, /VEVENT\.RDATE: .*expected an event of its own/],
    [[BERLIN, P1D, 'EXRULE:FREQ=DAILY', SUMMARY], 6, /VEVENT\.EXRULE/],
    [[BERLIN, P1D, 'RECURRENCE-ID:20260303T000000Z', SUMMARY], 6, /VEVENT\.RECURRENCE-ID: .*EXDATE/],
    [[BERLIN, P1D, 'EXDATE:20260303T000000Z', SUMMARY], 6, /found EXDATE, expected an RRULE/],
    [
      [BERLIN, P1D, 'RRULE:FREQ=DAILY', 'EXDATE;VALUE=DATE:20260303', SUMMARY],
      7,
      /found 20260303, expected a day or a time as DTSTART has/,
    ],
    [[BERLIN, P1D, 'not a line at all', SUMMARY], 6, /the line "not a line at all", expected NAME:value/],
    [[BERLIN, P1D, `SUMMARY:${'long '.repeat(300)}`], 3, /at most 1000 characters/],
    [[BERLIN, P1D, SUMMARY, 'X-RINGFENCE-NAME:Not A Name'], 3, /a name of at most 63/],
    [[BERLIN, P1D, SUMMARY, 'BEGIN:VTODO', 'END:VTODO'], 7, /found BEGIN:VTODO/],
  ];
  for (const [lines, line, says] of table) {
    it(lines.join(' | ').slice(0, 100), () => {
      const outcome = readICalendar(event(...lines), 'a.ics', AS_WRITTEN);
      assert.ok(!outcome.ok);
      assert.equal(outcome.error[0]?.position?.line, line, JSON.stringify(outcome.error));
      assert.match(outcome.error[0]?.says ?? '', says);
    });
  }

  const files: readonly [text: string, line: number, says: RegExp][] = [
    ['', 1, /found no VEVENT/],
    ['BEGIN:VCALENDAR\nEND:VCALENDAR', 1, /found no VEVENT, expected an event for each freeze/],
    ['apiVersion: ringfence.dev/v1\n', 1, /expected BEGIN:VCALENDAR before everything else/],
    ['BEGIN:VEVENT\nEND:VEVENT', 1, /BEGIN:VEVENT, expected BEGIN:VCALENDAR/],
    [event(BERLIN).replace('VERSION:2.0', 'VERSION:1.0'), 2, /VERSION: found 1.0, expected 2.0/],
    [event(BERLIN).replace('VERSION:2.0', 'METHOD:CANCEL'), 2, /METHOD: found CANCEL, expected PUBLISH/],
    [event(BERLIN).replace('VERSION:2.0', 'CALSCALE:HEBREW'), 2, /expected GREGORIAN/],
    [
      event(BERLIN, 'DURATION:P1D', SUMMARY).replace('END:VEVENT\r\n', ''),
      7,
      /END:VCALENDAR, expected END:VEVENT before it/,
    ],
    ['BEGIN:VCALENDAR\nBEGIN:VEVENT', 2, /the end of the file, expected END:VEVENT for the one of line 2/],
    [
      'BEGIN:VCALENDAR\nBEGIN:VJOURNAL\nEND:VJOURNAL\nEND:VCALENDAR',
      2,
      /BEGIN:VJOURNAL, expected VEVENT components alone/,
    ],
  ];
  for (const [text, line, says] of files) {
    it(JSON.stringify(text).slice(0, 100), () => {
      const outcome = readICalendar(text, 'a.ics', AS_WRITTEN);
      assert.ok(!outcome.ok);
      const found = outcome.error.find((problem) => says.test(problem.says));
      assert.equal(found?.position?.line, line, outcome.error.map((each) => each.says).join('\n'));
    });
  }

  it('whatever the text, it is read or refused, and never thrown', () => {
    const piece = fc.constantFrom(
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'END:VEVENT',
      'END:VCALENDAR',
      BERLIN,
      'DURATION:P1D',
      SUMMARY,
      'RRULE:FREQ=DAILY',
      'EXDATE:20260303T000000Z',
      ' folded',
      'DTSTART;VALUE=DATE:99999999',
      'RRULE:FREQ=YEARLY;UNTIL=99999999T999999Z',
      'BEGIN:',
      ';:',
      'DTEND:00000000T000000Z',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: piece }, fc.string({ unit: 'binary', maxLength: 30 })), {
          maxLength: 14,
        }),
        (lines) => {
          readICalendar(event(...lines), 'a.ics', AS_WRITTEN);
          readICalendar(lines.join('\n'), 'a.ics', { timeZone: 'UTC', services: [] });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('more events than the server takes at once are refused', () => {
    const one = ['BEGIN:VEVENT', BERLIN, 'DURATION:P1D', SUMMARY, 'END:VEVENT'].join('\n');
    const outcome = readICalendar(`BEGIN:VCALENDAR\n${`${one}\n`.repeat(1001)}END:VCALENDAR`, 'a.ics', AS_WRITTEN);
    assert.ok(!outcome.ok);
    assert.match(outcome.error[0]?.says ?? '', /at most 1000 in one file/);
  });
});
