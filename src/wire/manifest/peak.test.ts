import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseManifests } from './parseManifests.ts';

const PIPELINE = (peak: string) => `apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  stages:
    - name: canary
      targets: {}
      bake:
        minimum: 5s
        peak: ${peak}
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.02 }
`;

function read(peak: string): string {
  const parsed = parseManifests(PIPELINE(peak), 'p.yaml');
  if (!parsed.ok) return parsed.error.map(({ says }) => says).join('\n');
  const [manifest] = parsed.value;
  assert.ok(manifest?.kind === 'Pipeline');
  return JSON.stringify(manifest.pipeline.stages[0]?.bake.peak);
}

const HOURS = 'from: "18:00", to: "20:00", timeZone: Europe/Berlin';

describe('peak hours in a manifest', () => {
  const table: readonly [string, RegExp, string][] = [
    [`{ ${HOURS} }`, /"days":\["mon","tue","wed","thu","fri","sat","sun"\]\}$/, 'every day when none is named'],
    [`{ ${HOURS}, days: [mon-fri] }`, /"days":\["mon","tue","wed","thu","fri"\]\}$/, 'a span of days'],
    [
      `{ ${HOURS}, days: [sat-mon, wed] }`,
      /"days":\["mon","wed","sat","sun"\]\}$/,
      'over the end of the week, in order',
    ],
    [`{ ${HOURS}, atLeast: 30m }`, /"atLeastMs":1800000\}$/, 'a part of it'],
    [
      `{ from: "22:00", to: "02:00", timeZone: europe/berlin, atLeast: 4h }`,
      /"timeZone":"Europe\/Berlin".*"atLeastMs":14400000/,
      'over midnight, and the zone as it is spelt',
    ],
    [`{ from: 18:00, to: "20:00", timeZone: UTC }`, /^\{"from":"18:00"/, 'YAML 1.2 reads 18:00 as text'],
    [
      `{ from: 18, to: "20:00", timeZone: UTC }`,
      /peak\.from: found the number 18, expected a time of day in quotes, such as "18:00"/,
      'a number',
    ],
    [
      `{ from: "24:00", to: "20:00", timeZone: UTC }`,
      /peak\.from: found the text "24:00"/,
      'an hour that does not exist',
    ],
    [
      `{ from: "18:00", to: "18:00", timeZone: UTC }`,
      /peak\.to: found the text "18:00", expected another time than from/,
      'nothing',
    ],
    [
      `{ from: "18:00", to: "20:00", timeZone: Europe/Berln }`,
      /timeZone: found the text "Europe\/Berln".*did you mean "Europe\/Berlin"\?/,
      'a zone that does not exist',
    ],
    [`{ from: "18:00", to: "20:00" }`, /peak\.timeZone: found nothing/, 'no zone'],
    [
      `{ ${HOURS}, days: [monday] }`,
      /peak\.days\[0\]: found the text "monday", expected days or spans of days/,
      'a day that is spelt in another way',
    ],
    [`{ ${HOURS}, days: [] }`, /peak\.days: found an empty list/, 'no day'],
    [
      `{ ${HOURS}, atLeast: 3h }`,
      /peak\.atLeast: found the text "3h", expected no more than there is between from and to/,
      'more than there is',
    ],
  ];
  for (const [peak, expected, why] of table) it(why, () => assert.match(read(peak), expected));
});
