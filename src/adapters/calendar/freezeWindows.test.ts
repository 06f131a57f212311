import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Freeze } from '../../core/policy/freeze.ts';
import { createCalendar } from './createCalendar.ts';
import { freezeWindows } from './freezeWindows.ts';
import { freezeOf } from './testing/freezeOf.ts';

const HALF_HOUR_MS = 1_800_000;
const DAY_MS = 86_400_000;

/** Zones with an hour and with half an hour of daylight saving, with none, and with clocks that are changed at midnight, both ways. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
  'America/Havana',
  'Asia/Beirut',
] as const;

interface LocalDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Another way to know a zone's days than the one under test: the wall calendar as `Intl` prints it. */
function localDays(timeZone: string): (at: number) => LocalDay {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return (at) => {
    const [year = 0, month = 0, day = 0] = format.format(at).split('-').map(Number);
    return { year, month, day, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
  };
}

/** What binds at each half hour of a span: no zone of ours changes its clock at any other moment. */
function bound(freezes: readonly Freeze[], from: number, until: number): Uint8Array {
  const slots = new Uint8Array((until - from) / HALF_HOUR_MS);
  for (const window of freezes.flatMap((freeze) => freezeWindows(freeze, from, until))) {
    assert.ok(Number.isInteger((window.starts - from) / HALF_HOUR_MS));
    for (let at = Math.max(window.starts, from); at < Math.min(window.ends, until); at += HALF_HOUR_MS)
      slots[(at - from) / HALF_HOUR_MS] = 1;
  }
  return slots;
}

describe('law 14: "no Friday, no 13th, no last week of December", as the wall calendar has them', () => {
  for (const timeZone of ZONES) {
    it(`${timeZone}, every half hour of 2023 to 2028`, () => {
      const freezes = [
        freezeOf({ timeZone, rule: 'FREQ=WEEKLY;BYDAY=FR' }),
        freezeOf({ timeZone, rule: 'FREQ=MONTHLY;BYMONTHDAY=13' }),
        freezeOf({ timeZone, starts: '2020-12-25T00:00:00', rule: 'FREQ=YEARLY', lasts: { duration: 'P1W' } }),
      ];
      const [from, until] = [Date.UTC(2023, 0, 1), Date.UTC(2029, 0, 1)];
      const slots = bound(freezes, from, until);
      const dayAt = localDays(timeZone);
      for (let at = from; at < until; at += HALF_HOUR_MS) {
        const { month, day, weekday } = dayAt(at);
        const expected = weekday === 5 || day === 13 || (month === 12 && day >= 25);
        if (Boolean(slots[(at - from) / HALF_HOUR_MS]) !== expected)
          assert.fail(`${new Date(at).toISOString()} in ${timeZone} should ${expected ? '' : 'not '}be frozen`);
      }
    });
  }
});

describe('rules of days, compared with every day of eight years', () => {
  const subset = (all: readonly number[]) =>
    fc.option(fc.subarray([...all], { minLength: 1, maxLength: 5 }), { nil: null });
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const NAMES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
  const drawn = fc.record({
    freq: fc.constantFrom('DAILY', 'MONTHLY', 'YEARLY'),
    months: subset(range(1, 12)),
    monthDays: subset([...range(1, 31), ...range(-31, -1)]),
    weekdays: subset(range(0, 6)),
    interval: fc.integer({ min: 1, max: 9 }),
    timeZone: fc.constantFrom(...ZONES),
  });

  it('a day is frozen exactly when it fits every part of the rule', () => {
    fc.assert(
      fc.property(drawn, ({ freq, months, monthDays, weekdays, interval, timeZone }) => {
        const parts = [`FREQ=${freq}`];
        // An interval of days counts from the start; of months and years it would have to be told apart by freq.
        const every = freq === 'DAILY' ? interval : 1;
        if (every > 1) parts.push(`INTERVAL=${every}`);
        if (months !== null) parts.push(`BYMONTH=${months.join(',')}`);
        if (monthDays !== null) parts.push(`BYMONTHDAY=${monthDays.join(',')}`);
        if (weekdays !== null) parts.push(`BYDAY=${weekdays.map((day) => NAMES[day]).join(',')}`);
        const start = Date.UTC(2020, 0, 1);
        const windows = freezeWindows(
          freezeOf({ timeZone, rule: parts.join(';') }),
          Date.UTC(2020, 0, 3),
          Date.UTC(2028, 0, 1),
        );
        const frozen = new Set(windows.map((window) => window.local.starts.slice(0, 10)));
        for (let at = Date.UTC(2020, 0, 5); at < Date.UTC(2027, 11, 28); at += DAY_MS) {
          const date = new Date(at);
          const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
          const day = date.getUTCDate();
          // What a rule does not say of the day, it takes from its start: the first of January.
          const free = freq === 'DAILY' || monthDays !== null || weekdays !== null;
          const fits =
            ((at - start) / DAY_MS) % every === 0 &&
            (months === null
              ? freq !== 'YEARLY' || free || date.getUTCMonth() === 0
              : months.includes(date.getUTCMonth() + 1)) &&
            (monthDays === null || monthDays.includes(day) || monthDays.includes(day - length - 1)) &&
            (weekdays === null || weekdays.includes(date.getUTCDay())) &&
            (free || day === 1);
          const name = date.toISOString().slice(0, 10);
          if (frozen.has(name) !== fits)
            assert.fail(`${parts.join(';')} in ${timeZone}: ${name} should ${fits ? '' : 'not '}be frozen`);
        }
      }),
      { numRuns: 120 },
    );
  });
});

describe('clocks that jump', () => {
  const utc = (windows: readonly { starts: number; ends: number }[]) =>
    windows.map(
      ({ starts, ends }) =>
        `${new Date(starts).toISOString().slice(0, 16)} ${new Date(ends).toISOString().slice(0, 16)}`,
    );
  const table: readonly [
    why: string,
    freeze: Partial<Freeze>,
    from: string,
    until: string,
    expected: readonly string[],
  ][] = [
    [
      'a day of 23 hours is frozen to its end, and no longer',
      { starts: '2026-03-29T00:00:00' },
      '2026-03-01',
      '2026-04-30',
      ['2026-03-28T23:00 2026-03-29T22:00'],
    ],
    [
      'a day of 25 hours too',
      { starts: '2026-10-25T00:00:00' },
      '2026-10-01',
      '2026-11-30',
      ['2026-10-24T22:00 2026-10-25T23:00'],
    ],
    [
      'hours are hours of the clock',
      { starts: '2026-03-29T00:00:00', lasts: { duration: 'PT24H' } },
      '2026-03-01',
      '2026-04-30',
      ['2026-03-28T23:00 2026-03-29T23:00'],
    ],
    [
      'a start that the clock jumps over is as much later as it jumped; the day is not lost',
      { starts: '2026-03-27T02:30:00', lasts: { duration: 'PT1H' }, rule: 'FREQ=DAILY;COUNT=3' },
      '2026-03-01',
      '2026-04-30',
      ['2026-03-27T01:30 2026-03-27T02:30', '2026-03-28T01:30 2026-03-28T02:30', '2026-03-29T01:30 2026-03-29T02:30'],
    ],
    [
      'an end that the clock jumps over likewise',
      { starts: '2026-03-28T02:30:00' },
      '2026-03-01',
      '2026-04-30',
      ['2026-03-28T01:30 2026-03-29T01:30'],
    ],
    [
      'a start that comes twice is the first one',
      { starts: '2026-10-25T02:30:00', lasts: { duration: 'PT1H' } },
      '2026-10-01',
      '2026-11-30',
      ['2026-10-25T00:30 2026-10-25T01:30'],
    ],
    [
      'an end that comes twice is the first one',
      { starts: '2026-10-24T02:30:00', lasts: { ends: '2026-10-25T02:30:00' } },
      '2026-10-01',
      '2026-11-30',
      ['2026-10-24T00:30 2026-10-25T00:30'],
    ],
    [
      'half an hour of daylight saving',
      { timeZone: 'Australia/Lord_Howe', starts: '2026-10-04T00:00:00', rule: 'FREQ=DAILY;COUNT=2' },
      '2026-10-01',
      '2026-10-30',
      ['2026-10-03T13:30 2026-10-04T13:00', '2026-10-04T13:00 2026-10-05T13:00'],
    ],
    [
      'a midnight that does not exist: the day begins at one',
      { timeZone: 'America/Havana', starts: '2026-03-08T00:00:00' },
      '2026-03-01',
      '2026-03-30',
      ['2026-03-08T05:00 2026-03-09T04:00'],
    ],
    [
      'the 29th of February comes every fourth year',
      { timeZone: 'UTC', starts: '2024-02-29T00:00:00', rule: 'FREQ=YEARLY' },
      '2024-01-01',
      '2028-12-31',
      ['2024-02-29T00:00 2024-03-01T00:00', '2028-02-29T00:00 2028-03-01T00:00'],
    ],
    [
      'the last day of February is another one then',
      { timeZone: 'UTC', rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1', starts: '2023-01-01T00:00:00' },
      '2023-01-01',
      '2024-12-31',
      ['2023-02-28T00:00 2023-03-01T00:00', '2024-02-29T00:00 2024-03-01T00:00'],
    ],
    [
      'across the end of the year, by the zone’s own midnight',
      { timeZone: 'Asia/Kolkata', starts: '2026-12-24T00:00:00', lasts: { duration: 'P9D' } },
      '2026-12-31',
      '2027-01-30',
      ['2026-12-23T18:30 2027-01-01T18:30'],
    ],
    [
      'the rule ends with UNTIL, a moment, and that one still counts',
      { starts: '2026-05-01T00:00:00', rule: 'FREQ=DAILY;UNTIL=20260501T220000Z' },
      '2026-04-01',
      '2026-05-30',
      ['2026-04-30T22:00 2026-05-01T22:00', '2026-05-01T22:00 2026-05-02T22:00'],
    ],
    [
      'exceptions are left out, and still counted by COUNT',
      { timeZone: 'UTC', starts: '2026-05-01T00:00:00', rule: 'FREQ=DAILY;COUNT=3', except: ['2026-05-02T00:00:00'] },
      '2026-04-01',
      '2026-05-30',
      ['2026-05-01T00:00 2026-05-02T00:00', '2026-05-03T00:00 2026-05-04T00:00'],
    ],
    [
      'windows of one freeze may overlap',
      { timeZone: 'UTC', starts: '2026-05-01T00:00:00', rule: 'FREQ=WEEKLY;COUNT=2', lasts: { duration: 'P9D' } },
      '2026-05-09',
      '2026-05-10',
      ['2026-05-01T00:00 2026-05-10T00:00', '2026-05-08T00:00 2026-05-17T00:00'],
    ],
    [
      'a window that ends when the span begins is not in it',
      { timeZone: 'UTC', starts: '2026-05-01T00:00:00' },
      '2026-05-02',
      '2026-05-03',
      [],
    ],
    [
      'nor is one that starts when it ends',
      { timeZone: 'UTC', starts: '2026-05-03T00:00:00' },
      '2026-05-02',
      '2026-05-03',
      [],
    ],
  ];
  for (const [why, freeze, from, until, expected] of table) {
    it(why, () =>
      assert.deepEqual(utc(freezeWindows(freezeOf(freeze), Date.parse(from), Date.parse(until))), expected),
    );
  }
});

describe('the calendar', () => {
  it('says the same of a moment, whatever was asked before', () => {
    const freezes = [
      freezeOf({ rule: 'FREQ=WEEKLY;BYDAY=FR' }),
      freezeOf({ rule: 'FREQ=MONTHLY;BYDAY=-1FR', lasts: { duration: 'P40D' }, timeZone: 'America/New_York' }),
      freezeOf({
        rule: 'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24',
        lasts: { duration: 'P9DT12H' },
        timeZone: 'Australia/Lord_Howe',
      }),
      freezeOf({ starts: '2024-02-29T02:30:00', lasts: { ends: '2026-10-25T02:30:00' } }),
    ];
    const calendar = createCalendar();
    const whole = freezes.map((freeze) => freezeWindows(freeze, Date.UTC(2019, 0), Date.UTC(2031, 0)));
    const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) });
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom(1, DAY_MS, 200 * DAY_MS),
        (at, index, length) => {
          const freeze = freezes[index] as Freeze;
          const expected = (whole[index] ?? []).filter(({ starts, ends }) => starts < at + length && ends > at);
          assert.deepEqual(calendar.windows(freeze, at, at + length), expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('law 16: what comes to nothing is a fault, with what to do', () => {
    const { fault } = createCalendar();
    const table: readonly [Partial<Freeze>, RegExp][] = [
      [{ rule: 'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30' }, /never comes true/],
      [{ rule: 'FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1' }, /never comes true/],
      [{ rule: 'FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31;BYHOUR=1,2,3,4' }, /never comes true/],
      [{ rule: 'FREQ=DAILY;UNTIL=20191231T000000Z' }, /never comes true/],
      [{ rule: 'FREQ=DAILY;COUNT=1', except: ['2020-01-01T00:00:00'] }, /never comes true/],
      [
        { starts: '2026-03-29T02:00:00', lasts: { ends: '2026-03-29T03:00:00' } },
        /the clock of Europe\/Berlin jumps over it/,
      ],
      [{ rule: 'FREQ=HOURLY' }, /FREQ=HOURLY, expected FREQ with DAILY/],
      [{ timeZone: 'Europe/Berlim' }, /there is no time zone "Europe\/Berlim"/],
      [{ starts: '2026-02-30T00:00:00' }, /cannot be worked out/],
    ];
    for (const [more, says] of table) assert.match(fault(freezeOf(more))?.says ?? 'none', says);
    const fine: readonly Partial<Freeze>[] = [
      { rule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=FR' },
      { starts: '2088-03-01T00:00:00', rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU' },
      {
        rule: 'FREQ=DAILY',
        except: Array.from({ length: 500 }, (_, day) =>
          new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 19),
        ),
      },
      { rule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1' },
      { starts: '1970-01-01T00:00:00', rule: 'FREQ=DAILY;INTERVAL=1000' },
    ];
    for (const more of fine) assert.equal(fault(freezeOf(more)), null, JSON.stringify(more).slice(0, 100));
  });

  it('law 14: a freeze that cannot be worked out any more binds, and says so', () => {
    const [from, until] = [Date.UTC(2026, 0), Date.UTC(2026, 1)];
    for (const more of [{ timeZone: 'Atlantis/Capital' }, { rule: 'FREQ=NEVER' }, { rule: 'nonsense' }]) {
      const windows = createCalendar().windows(freezeOf({ rule: 'FREQ=DAILY', ...more }), from, until);
      assert.equal(windows.length, 1);
      assert.ok((windows[0]?.starts ?? until) <= from && (windows[0]?.ends ?? from) >= until);
      assert.match(windows[0]?.local.ends ?? '', /cannot be worked out/);
    }
  });

  it('old rules are worked out as well, for as long as freezes may be written', () => {
    for (const rule of [
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;COUNT=1000',
      'FREQ=DAILY;BYMONTH=12;COUNT=1000',
      'FREQ=DAILY;INTERVAL=999',
      'FREQ=WEEKLY;BYDAY=FR',
    ]) {
      const old = freezeOf({ starts: '1970-01-01T00:00:00', rule });
      for (const year of [2026, 2100, 2196]) {
        const windows = createCalendar().windows(old, Date.UTC(year, 0), Date.UTC(year, 11));
        assert.ok(
          windows.every(({ local }) => /^\d{4}-/.test(local.ends)),
          `${rule}: ${windows[0]?.local.ends}`,
        );
      }
    }
  });

  it('the densest rule there may be comes to a bounded number of windows', () => {
    const densest = freezeOf({
      starts: '1970-01-01T00:00:00',
      rule: 'FREQ=DAILY;BYHOUR=0,6,12,18',
      lasts: { duration: 'P366D' },
    });
    const windows = freezeWindows(densest, Date.UTC(2026, 0), Date.UTC(2027, 0));
    assert.ok(windows.length <= 4 * (365 + 366 + 5), String(windows.length));
    assert.equal(createCalendar().fault(densest), null);
  });
});
