import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from './exitCodes.ts';
import { startFleet, startTestServer, type TestServer } from './testing/fleet.ts';

let server: TestServer;
let fleet: AsyncDisposable;

before(async () => {
  server = await startTestServer();
  fleet = await startFleet(server, 'auto');
});

after(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const freeze = (name: string, spec: string) =>
  `apiVersion: ringfence.dev/v1\nkind: Freeze\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;
const EVERY_DAY = freeze(
  'quiet',
  'reason: nobody is at work, timeZone: Europe/Berlin, starts: 2020-01-01, duration: P1D, rule: FREQ=DAILY',
);

const calendar = (...lines: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');

test('law 14: a freeze is put on the calendar, is in the way of a start, and is removed', async () => {
  const applied = await server.run(['apply', '-f', '-'], { stdin: EVERY_DAY });
  assert.equal(applied.stdout, 'created    Freeze/quiet\n', applied.stderr);
  assert.equal((await server.run(['apply', '-f', '-'], { stdin: EVERY_DAY })).stdout, 'unchanged  Freeze/quiet\n');

  const list = await server.run(['get', 'freezes']);
  assert.match(
    list.stdout,
    /^NAME +BINDS +WHEN +REASON\nquiet +every service +now, until .* Europe\/Berlin +nobody is at work\n$/,
  );
  const one = await server.run(['get', 'freeze', 'quiet']);
  assert.match(one.stdout, /^rule +FREQ=DAILY$/m);
  assert.match(one.stdout, /^windows +now, until /m);
  assert.match(one.stdout, /^ +and \d+ more within a year$/m);

  const plan = await server.run(['plan', 'first']);
  assert.equal(plan.code, EXIT_CODES.refused.code);
  assert.match(plan.stdout, /^frozen +from .* until [\s\S]* by quiet: nobody is at work$/m);
  const start = await server.run(['rollout', 'start', 'first']);
  assert.equal(start.code, EXIT_CODES.refused.code);
  assert.match(
    start.stderr,
    /frozen by "quiet" \(nobody is at work\) until .* Europe\/Berlin\n {2}wait for its end; a rollback needs no open calendar\n$/,
  );

  const misspelt = await server.run(['freeze', 'remove', 'quite']);
  assert.equal(misspelt.code, EXIT_CODES.refused.code);
  assert.match(misspelt.stderr, /there is no freeze "quite"; did you mean "quiet"\?/);
  assert.equal(
    (await server.run(['freeze', 'remove', 'quiet'])).stdout,
    'removed  freeze quiet: what it held goes on\n',
  );
  assert.equal((await server.run(['plan', 'first'])).code, 0);
  assert.match((await server.run(['get', 'freezes'])).stdout, /^No freeze is on the calendar/);
  const log = await server.run(['log']);
  assert.match(log.stdout, /freeze quiet is on the calendar, for every service: nobody is at work \(by token:/);
  assert.match(log.stdout, /freeze quiet is off the calendar/);
});

test('an iCalendar file: applied as it is, or imported for one service and a zone', async () => {
  writeFileSync(
    join(server.folder, 'freezes.ics'),
    calendar(
      'DTSTART;TZID=America/New_York:20260102T000000',
      'DURATION:P1D',
      'RRULE:FREQ=WEEKLY;BYDAY=FR',
      'SUMMARY:No Fridays',
    ),
  );
  assert.equal((await server.run(['apply', '-f', 'freezes.ics'])).stdout, 'created    Freeze/no-fridays\n');
  const days = calendar(
    'DTSTART;VALUE=DATE:20261224',
    'DTEND;VALUE=DATE:20270102',
    'RRULE:FREQ=YEARLY',
    'SUMMARY:Holidays',
  );
  const refused = await server.run(['freeze', 'import', '-'], { stdin: days });
  assert.equal(refused.code, EXIT_CODES.usage.code);
  assert.match(
    refused.stderr,
    /<stdin>:4:1: VEVENT\.DTSTART: found 20261224, without a time zone, expected TZID, or .*--time-zone\n +4 \| DTSTART/,
  );
  const imported = await server.run(['freeze', 'import', '-', '--time-zone', 'Asia/Kolkata', '--service', 'shop'], {
    stdin: days,
  });
  assert.equal(imported.stdout, 'created    Freeze/holidays\n', imported.stderr);
  const freeze = await server.json<Record<string, unknown>>(['get', 'freeze', 'holidays']);
  assert.deepEqual(
    [freeze.services, freeze.timeZone, freeze.starts, freeze.duration, freeze.rule],
    [['shop'], 'Asia/Kolkata', '2026-12-24T00:00:00', 'P9D', 'FREQ=YEARLY'],
  );
  const unknown = await server.run(['freeze', 'import', '-', '--time-zone', 'Asia/Kalkutta'], { stdin: days });
  assert.equal(unknown.code, EXIT_CODES.usage.code);
  assert.match(unknown.stderr, /there is no time zone "Asia\/Kalkutta"/);

  const published = await fetch(`${server.http}/v1/freezes.ics`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  writeFileSync(join(server.folder, 'published.ics'), await published.text());
  const again = await server.run(['apply', '-f', 'published.ics']);
  assert.equal(
    again.stdout,
    'unchanged  Freeze/holidays\nunchanged  Freeze/no-fridays\n',
    'what is published is what is read',
  );
});

test('mistakes are said at their place, and nothing is sent', async () => {
  const stdin = freeze(
    'x',
    'reason: why, timeZone: Europe/Berlim, starts: 2026-12-24T25:00, duration: P1Y, rule: FREQ=WEEKLY;BYDAI=FR',
  );
  const { code, stderr } = await server.run(['apply', '-f', '-'], { stdin });
  assert.equal(code, EXIT_CODES.usage.code);
  assert.match(
    stderr,
    /spec\.timeZone: found the text "Europe\/Berlim", expected an IANA time zone.*did you mean "Europe\/Berlin"\?/,
  );
  assert.match(stderr, /spec\.starts: .*expected a local time from 1970 to 2199/);
  assert.match(stderr, /spec\.duration: .*such as P9D/);
  assert.match(stderr, /spec\.rule: found the part BYDAI, expected one of: .*did you mean "BYDAY"\?/);
  const never = freeze(
    'x',
    'reason: why, timeZone: UTC, starts: 2026-01-01, duration: P1D, rule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
  );
  const refused = await server.run(['apply', '-f', '-'], { stdin: never });
  assert.equal(refused.code, EXIT_CODES.refused.code);
  assert.match(refused.stderr, /freeze "x": its rule "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" never comes true/);
});
