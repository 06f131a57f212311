import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf, touches, weeksFrom } from './days.ts';

const at = (text: string) => Date.parse(text);

test('weeks begin on the Monday before, and no day is missing or twice, also when clocks change', () => {
  const days = weeksFrom(at('2026-03-27T23:30:00Z'), 3, 'UTC').flat();
  assert.deepEqual([days[0], days.at(-1), new Set(days).size], ['2026-03-23', '2026-04-12', 21]);
});

const SPANS: readonly { day: string; starts: string; ends: string; is: boolean; why: string }[] = [
  { day: '2026-03-02', starts: '2026-03-01T12:00Z', ends: '2026-03-03T12:00Z', is: true, why: 'in the middle' },
  {
    day: '2026-03-03',
    starts: '2026-03-01T12:00Z',
    ends: '2026-03-03T00:00Z',
    is: false,
    why: 'it ends as the day begins',
  },
  {
    day: '2026-03-01',
    starts: '2026-03-01T23:59Z',
    ends: '2026-03-02T12:00Z',
    is: true,
    why: 'it begins as the day ends',
  },
  { day: '2026-03-01', starts: '2026-03-01T10:00Z', ends: '2026-03-01T10:00Z', is: true, why: 'it has no length' },
];
for (const { day, starts, ends, is, why } of SPANS) {
  test(`a span and a day: ${why}`, () => assert.equal(touches(day, at(starts), at(ends), 'UTC'), is));
}

test('a day is by the clock that is asked for', () => {
  const moment = at('2026-03-01T23:30:00Z');
  assert.equal(dayOf(moment, 'UTC'), '2026-03-01');
  assert.match(dayOf(moment, 'local'), /^2026-03-0[12]$/);
});
