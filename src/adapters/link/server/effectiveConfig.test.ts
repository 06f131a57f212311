import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectOf } from './effectiveConfig.ts';

const files = (...each: readonly [name: string, body: string][]) =>
  new Map(each.map(([name, body]) => [name, Buffer.from(body)]));

const KEY = `\${env:KEY}`;
const GIVEN = `
receivers: { otlp: , hostmetrics: { collection_interval: 10s, scrapers: [cpu, disk] } }
exporters: { otlp: { endpoint: "collect:4317", headers: { key: "${KEY}" } } }
`;

test('what an agent runs with, beside what it was given', () => {
  const table: readonly [runs: string, kind: string, because: string][] = [
    [GIVEN, 'shown', 'it is the same'],
    [
      'receivers: { hostmetrics: { collection_interval: 10s, scrapers: [cpu] } }\nexporters: { otlp: { endpoint: "collect:4317" } }',
      'unsaid',
      'it leaves out what it may leave out',
    ],
    [GIVEN.replace('10s', '60s'), 'contradicted', 'it has another value'],
    [GIVEN.replace('10s, scrapers', '{ every: 10s }, scrapers'), 'contradicted', 'it has something else there'],
    [`${GIVEN}extensions: { opamp: {} }\n`, 'shown', 'it has more than it was given'],
    [GIVEN.replace('[cpu, disk]', '[cpu, disk, network]'), 'shown', 'a list was added to'],
    [GIVEN.replace('[cpu, disk]', '[network]'), 'unsaid', 'a list may have been made anew'],
    [GIVEN.replace(KEY, 'abc'), 'unsaid', 'what is put in from elsewhere is not known'],
    [GIVEN.replace('collect:4317', '[REDACTED]'), 'unsaid', 'what is hidden is not known'],
    ['{ not yaml', 'unsaid', 'it cannot be read'],
  ];
  for (const [runs, kind, because] of table)
    assert.equal(effectOf(files(['', GIVEN]), files(['collector.yaml', runs])).kind, kind, because);
  assert.match(
    effectOf(files(['', GIVEN]), files(['', GIVEN.replace('10s', '60s')])).says,
    /hostmetrics\.collection_interval/,
  );
});

test('files are compared by their names, and nothing is shown by files that are not there', () => {
  const given = files(['a', 'x: 1'], ['b', 'y: 2']);
  assert.equal(effectOf(given, files(['b', 'y: 2'], ['a', 'x: 1'])).kind, 'shown');
  assert.equal(effectOf(given, files(['a', 'x: 1'])).kind, 'unsaid');
  assert.equal(effectOf(given, files(['a', 'x: 1'], ['b', 'y: 3'])).kind, 'contradicted');
  assert.equal(effectOf(files(), files()).kind, 'unsaid');
});
