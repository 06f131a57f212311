import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { firstCovered, PEAKS_AHEAD_MS, type PeakHours, WEEKDAYS } from '../../core/policy/peak.ts';
import { peakWindows } from './peakWindows.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const EVENING: PeakHours = { from: '18:00', to: '20:00', timeZone: 'Europe/Berlin', days: WEEKDAYS };

/** `2026-11-20 18:00 +2h`: when each begins by its own clock, and how long it lasts by any clock. */
function say(peak: PeakHours, from: string, until: string): string[] {
  return peakWindows(peak, at(from), at(until)).map(({ starts, ends, local }) => {
    return `${local.starts.slice(0, 16)} +${(ends - starts) / HOUR}h`;
  });
}

describe('law 4: when a peak is', () => {
  const table: readonly [string, PeakHours, from: string, until: string, readonly string[]][] = [
    ['every day', EVENING, '2026-11-20T00:00Z', '2026-11-22T00:00Z', ['2026-11-20 18:00 +2h', '2026-11-21 18:00 +2h']],
    [
      'on some days',
      { ...EVENING, days: ['mon', 'fri'] },
      '2026-11-20T00:00Z',
      '2026-11-28T00:00Z',
      ['2026-11-20 18:00 +2h', '2026-11-23 18:00 +2h', '2026-11-27 18:00 +2h'],
    ],
    [
      'over midnight, by the day on which it begins',
      { ...EVENING, from: '22:00', to: '01:30', days: ['fri'] },
      '2026-11-20T23:30Z',
      '2026-11-21T12:00Z',
      ['2026-11-20 22:00 +3.5h'],
    ],
    ['one that has ended is over', EVENING, '2026-11-20T19:00Z', '2026-11-21T12:00Z', []],
    ['one that begins at the end is not in it', EVENING, '2026-11-20T12:00Z', '2026-11-20T17:00Z', []],
    [
      'daylight saving: the same hour by the clock, whatever UTC says',
      EVENING,
      '2026-10-24T00:00Z',
      '2026-10-26T00:00Z',
      ['2026-10-24 18:00 +2h', '2026-10-25 18:00 +2h'],
    ],
    [
      'an hour that is left out makes a peak shorter',
      { ...EVENING, from: '01:30', to: '03:30' },
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      ['2026-03-29 01:30 +1h'],
    ],
    [
      'an hour that comes twice makes it longer',
      { ...EVENING, from: '01:30', to: '03:30' },
      '2026-10-24T12:00Z',
      '2026-10-25T12:00Z',
      ['2026-10-25 01:30 +3h'],
    ],
    [
      'of which nothing is left does not take place',
      { ...EVENING, from: '02:30', to: '03:15' },
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      [],
    ],
    [
      'in a zone without whole hours',
      { ...EVENING, timeZone: 'Asia/Kathmandu' },
      '2026-11-20T12:00Z',
      '2026-11-20T12:30Z',
      ['2026-11-20 18:00 +2h'],
    ],
  ];
  for (const [why, peak, from, until, expected] of table)
    it(why, () => assert.deepEqual(say(peak, from, until), expected));

  it('in UTC, daylight saving moves it', () => {
    const starts = peakWindows(EVENING, at('2026-10-24T00:00Z'), at('2026-10-26T00:00Z')).map(({ starts }) => starts);
    assert.deepEqual(starts, [at('2026-10-24T16:00Z'), at('2026-10-25T17:00Z')]);
  });

  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'UTC',
  );
  const times = fc
    .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
    .map((two) => two.map((part) => `${part}`.padStart(2, '0')).join(':'));
  const peaks = fc
    .record({ from: times, to: times, timeZone: zones, days: fc.subarray([...WEEKDAYS], { minLength: 1 }) })
    .filter(({ from, to }) => from !== to);
  const moments = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2028-12-31T00:00Z') });

  it('is by its own clock, whatever the zone does, and never none within the days that are looked ahead', () => {
    fc.assert(
      fc.property(peaks, moments, (peak, since) => {
        const windows = peakWindows(peak, since, since + PEAKS_AHEAD_MS);
        for (const { starts, ends } of windows) {
          assert.ok(starts < ends && ends > since && starts < since + PEAKS_AHEAD_MS);
          const local = Temporal.Instant.fromEpochMilliseconds(starts).toZonedDateTimeISO(peak.timeZone);
          assert.ok(
            peak.days.includes(WEEKDAYS[local.dayOfWeek - 1] ?? 'mon') || local.hour < 4,
            'but for a jump over midnight',
          );
          const written = local.toPlainTime().toString({ smallestUnit: 'minute' });
          assert.ok(
            written === peak.from || (written > peak.from && written.slice(0, 2) <= '04'),
            `${written} for ${peak.from}`,
          );
        }
        const covered = firstCovered(peak, windows, since);
        assert.ok(covered !== null && covered.coveredAt <= since + 10 * DAY);
      }),
      { numRuns: 300 },
    );
  });
});
