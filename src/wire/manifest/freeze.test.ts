import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalTimeZone, toFreezeManifest } from './freeze.ts';
import { parseManifests } from './parseManifests.ts';
import { parseManifestValue } from './parseManifestValue.ts';
import { ruleFault } from './recurrenceRule.ts';

const BASE = { reason: 'nobody is at work', timeZone: 'Europe/Berlin', starts: '2026-12-24T00:00', duration: 'P9D' };
const document = (spec: object) => ({
  apiVersion: 'ringfence.dev/v1',
  kind: 'Freeze',
  metadata: { name: 'holidays' },
  spec,
});

function says(spec: object): readonly string[] {
  const read = parseManifestValue(document(spec));
  return read.ok ? [] : read.error.map((problem) => problem.says);
}

describe('the manifest of a freeze', () => {
  it('as people write it, in YAML', () => {
    const text = `apiVersion: ringfence.dev/v1
kind: Freeze
metadata: { name: holidays }
spec:
  services: [shop, payments]
  reason: nobody is at work
  timeZone: europe/berlin
  starts: 2026-12-24
  duration: P9D
  rule: FREQ=YEARLY
  except: [2028-12-24]
`;
    const read = parseManifests(text, 'a.yaml');
    assert.ok(read.ok, JSON.stringify(read));
    assert.deepEqual(read.value[0], {
      kind: 'Freeze',
      name: 'holidays',
      position: { line: 1, column: 1 },
      freeze: {
        name: 'holidays',
        services: ['shop', 'payments'],
        reason: 'nobody is at work',
        timeZone: 'Europe/Berlin',
        starts: '2026-12-24T00:00:00',
        lasts: { duration: 'P9D' },
        rule: 'FREQ=YEARLY',
        except: ['2028-12-24T00:00:00'],
      },
    });
  });

  const table: readonly [spec: object, says: RegExp][] = [
    [{ ...BASE, duration: undefined }, /^spec: found none of them, expected exactly one of duration, ends$/],
    [{ ...BASE, ends: '2027-01-02' }, /^spec: found duration and ends, expected exactly one/],
    [
      { ...BASE, duration: undefined, ends: '2027-01-02', rule: 'FREQ=YEARLY' },
      /^spec\.ends: .*expected duration in its place/,
    ],
    [{ ...BASE, duration: undefined, ends: '2026-12-24T00:00' }, /^spec\.ends: .*expected a time after starts/],
    [{ ...BASE, except: ['2028-12-24'] }, /^spec\.except: .*expected a rule that these are exceptions of/],
    [
      { ...BASE, rule: 'FREQ=YEARLY', except: ['2028-12-24', '2028-12-24'] },
      /^spec\.except\[1\]: .*not at \[0\] already/,
    ],
    [{ ...BASE, timeZone: 'Berlin' }, /^spec\.timeZone: found the text "Berlin", expected an IANA time zone/],
    [{ ...BASE, timeZone: 'America/New_Yorck' }, /did you mean "America\/New_York"\?$/],
    [{ ...BASE, timeZone: '+01:00' }, /^spec\.timeZone: .*expected an IANA time zone/],
    [{ ...BASE, starts: '2026-12-24T00:00Z' }, /^spec\.starts: .*without an offset/],
    [{ ...BASE, starts: '2026-12-24T24:00' }, /^spec\.starts: .*expected a local time/],
    [{ ...BASE, starts: '2026-02-29' }, /^spec\.starts: .*on a day that exists/],
    [{ ...BASE, starts: '1815-06-18' }, /^spec\.starts: .*from 1970 to 2199/],
    [{ ...BASE, duration: 'P1M' }, /^spec\.duration: .*a duration of RFC 5545/],
    [{ ...BASE, duration: 'P367D' }, /^spec\.duration: .*at most 366 days/],
    [{ ...BASE, duration: 'PT0S' }, /^spec\.duration/],
    [{ ...BASE, duration: 'P1W2D' }, /^spec\.duration/],
    [{ ...BASE, duration: 'PT1H30S' }, /^spec\.duration/],
    [{ ...BASE, services: [] }, /^spec\.services: .*expected a list of services/],
    [{ ...BASE, reason: ' ' }, /^spec\.reason: .*why nothing is to move/],
    [{ ...BASE, rrule: 'FREQ=DAILY' }, /^spec\.rrule: found the unknown field "rrule".*did you mean "rule"\?$/],
    [{ ...BASE, rule: 'FREQ=DAYLY' }, /^spec\.rule: found FREQ=DAYLY, expected FREQ with DAILY/],
  ];
  for (const [spec, expected] of table) {
    it(String(expected), () => {
      const found = says(spec);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', expected);
    });
  }

  it('written out again, it is the same freeze', () => {
    for (const spec of [
      BASE,
      { ...BASE, services: ['shop'], rule: 'FREQ=YEARLY', except: ['2028-12-24'] },
      { ...BASE, duration: undefined, ends: '2027-01-02T12:00:30' },
    ]) {
      const read = parseManifestValue(document(spec));
      assert.ok(read.ok && read.value.kind === 'Freeze');
      assert.deepEqual(parseManifestValue(toFreezeManifest(read.value.freeze)), read);
    }
  });

  it('zones have the names of the IANA database, and offsets are no zones', () => {
    assert.equal(canonicalTimeZone('asia/kolkata'), 'Asia/Kolkata');
    assert.equal(canonicalTimeZone('UTC'), 'UTC');
    for (const none of ['', '+01:00', 'Mars/Base', 'toString', '__proto__'])
      assert.equal(canonicalTimeZone(none), null);
  });
});

describe('recurrence rules', () => {
  it('that are fine', () => {
    for (const rule of [
      'FREQ=DAILY',
      'FREQ=WEEKLY;BYDAY=FR',
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE',
      'FREQ=MONTHLY;BYMONTHDAY=13,-1',
      'FREQ=MONTHLY;BYDAY=1MO,-1FR,+2TU',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;COUNT=10',
      'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO',
      'FREQ=YEARLY;BYYEARDAY=-1,366',
      'FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0,30',
      'FREQ=DAILY;UNTIL=20271231T230000Z',
    ])
      assert.equal(ruleFault(rule), null, rule);
  });

  const table: readonly [rule: string, found: string][] = [
    ['', 'the part ""'],
    ['RRULE:FREQ=DAILY', 'the part "RRULE:FREQ=DAILY"'],
    ['freq=daily', 'the part "freq=daily"'],
    ['FREQ=DAILY;', 'the part ""'],
    ['BYDAY=FR', 'no FREQ'],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ a second time'],
    ['FREQ=MINUTELY', 'FREQ=MINUTELY'],
    ['FREQ=DAILY;BYSECOND=1', 'the part BYSECOND'],
    ['FREQ=DAILY;SKIP=OMIT', 'the part SKIP'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0'],
    ['FREQ=DAILY;INTERVAL=1001', 'INTERVAL=1001'],
    ['FREQ=DAILY;COUNT=0', 'COUNT=0'],
    ['FREQ=DAILY;COUNT=99999', 'COUNT=99999'],
    ['FREQ=DAILY;COUNT=1;UNTIL=20270101T000000Z', 'COUNT and UNTIL'],
    ['FREQ=DAILY;UNTIL=20270101', 'UNTIL=20270101'],
    ['FREQ=DAILY;UNTIL=20271301T000000Z', 'UNTIL=20271301T000000Z'],
    ['FREQ=DAILY;UNTIL=20270101T000000', 'UNTIL=20270101T000000'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY=0'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY=32'],
    ['FREQ=YEARLY;BYMONTH=-1', 'BYMONTH=-1'],
    ['FREQ=WEEKLY;BYDAY=XX', 'BYDAY=XX'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY=1MO'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO', 'BYDAY=1MO'],
    ['FREQ=WEEKLY;BYMONTHDAY=13', 'BYMONTHDAY with FREQ=WEEKLY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'BYYEARDAY with FREQ=MONTHLY'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO with FREQ=MONTHLY'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS alone'],
    ['FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30', 'more than 4 starts a day'],
    [`FREQ=YEARLY;BYYEARDAY=${'1,'.repeat(300)}1`, '623 letters'],
  ];
  for (const [rule, found] of table) it(rule.slice(0, 80) || 'none', () => assert.equal(ruleFault(rule)?.found, found));

  it('UNTIL must be a day that exists', () => {
    assert.equal(ruleFault('FREQ=DAILY;UNTIL=20260230T000000Z')?.found, 'UNTIL=20260230T000000Z');
  });

  it('whatever the text, there is an answer', () => {
    const part = fc.constantFrom(
      'FREQ=',
      'BYDAY=',
      'COUNT=',
      ';',
      ',',
      '1',
      '-',
      'FR',
      'DAILY',
      '=',
      'UNTIL=',
      '__proto__=1',
      'constructor=2',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 12 }), (parts) => void ruleFault(parts.join(''))),
    );
  });
});
