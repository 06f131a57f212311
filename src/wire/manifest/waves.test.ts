import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseManifests } from './parseManifests.ts';
import { parseManifestValue } from './parseManifestValue.ts';

const PIPELINE = (waves: string, more = '') => `apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  stages:
    - { name: canary, targets: {}, bake: { minimum: 5s }, waves: ${waves} }
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.02 }
${more}`;

function read(text: string): string {
  const parsed = parseManifests(text, 'p.yaml');
  if (!parsed.ok)
    return parsed.error.map(({ position, says }) => `${position?.line}:${position?.column} ${says}`).join('\n');
  const [manifest] = parsed.value;
  assert.ok(manifest?.kind === 'Pipeline');
  const { stages, largestStep } = manifest.pipeline;
  return JSON.stringify(largestStep ?? stages[0]?.waves);
}

describe('waves', () => {
  const table: readonly [string, string, string | RegExp][] = [
    ['[1, 50%, 100%]', '[{"count":1},{"share":0.5},{"share":1}]', 'counts, then shares'],
    [
      '[1, { traffic: 2.5% }, { traffic: 30% }, 100%]',
      '[{"count":1},{"traffic":0.025},{"traffic":0.3},{"share":1}]',
      'of the traffic',
    ],
    [
      '[{ traffic: 10% }, 5%, { traffic: 20% }, 100%]',
      '[{"traffic":0.1},{"share":0.05},{"traffic":0.2},{"share":1}]',
      'kinds among each other: which is larger depends on the fleet',
    ],
  ];
  for (const [waves, expected, why] of table)
    it(`${why}: ${waves}`, () => assert.equal(read(PIPELINE(waves)), expected));

  const refused: readonly [string, RegExp][] = [
    [
      '[{ traffic: 20% }, { traffic: 10% }, 100%]',
      /waves\[1\]: found a mapping, expected a wave larger than the one of its kind before it/,
    ],
    ['[{ traffic: 20% }, 3, 100%]', /waves\[1\]: .*numbers of targets first/],
    ['[{ traffic: 20% }]', /waves\[0\]: .*100% as the last wave/],
    ['[{ traffic: 0% }, 100%]', /waves\[0\].*expected/],
    ['[{ traffic: 20 }, 100%]', /waves\[0\]\.traffic: found the number 20, expected a share such as 25%/],
    ['[{ trafic: 20% }, 100%]', /waves\[0\]: found a mapping, expected a number of targets such as 1,/],
    [
      '[a, 100%]',
      /waves\[0\]: found the text "a", expected a number of targets such as 1, a share such as 50%, or a share of the traffic/,
    ],
  ];
  for (const [waves, expected] of refused) it(`refused: ${waves}`, () => assert.match(read(PIPELINE(waves)), expected));
});

describe('the largest step', () => {
  const table: readonly [string, string | RegExp][] = [
    ['  largestStep: { traffic: 25%, targets: 50% }', '{"traffic":0.25,"targets":0.5}'],
    ['  largestStep: { targets: 12.5% }', '{"targets":0.125}'],
    ['  largestStep: {}', /largestStep: found neither of them, expected traffic, targets or both/],
    ['  largestStep: { traffic: 0.25 }', /largestStep\.traffic: found the number 0\.25, expected a share such as 25%/],
    ['  largestStep: { traffic: 101% }', /largestStep\.traffic/],
  ];
  for (const [line, expected] of table) {
    it(line.trim(), () => {
      const found = read(PIPELINE('[100%]', line));
      if (typeof expected === 'string') assert.equal(found, expected);
      else assert.match(found, expected);
    });
  }
});

describe('from where traffic is known', () => {
  const service = (traffic: string) => `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: shop }
spec:
  roles: { web: {} }
  slots: { config/shop: {} }
  metrics: { requests: { counter: requests_total }, open: { gauge: open } }
  traffic: ${traffic}
`;
  const table: readonly [string, RegExp][] = [
    ['{ metric: requests }', /^\{"metric":"requests"\}$/],
    ['{ label: weight }', /^\{"label":"weight"\}$/],
    [
      '{ metric: requets }',
      /^8:22 spec\.traffic\.metric: found the text "requets", expected one of: requests; did you mean "requests"\?$/,
    ],
    ['{ metric: open }', /found the text "open", expected one of: requests$/],
    ['{ metric: requests, label: weight }', /exactly one of metric, label/],
    ['requests', /spec\.traffic: found the text "requests", expected a mapping with metric or label/],
  ];
  for (const [traffic, expected] of table) {
    it(traffic, () => {
      const parsed = parseManifests(service(traffic), 's.yaml');
      const found = parsed.ok
        ? JSON.stringify(parsed.value[0]?.kind === 'Service' ? parsed.value[0].service.traffic : null)
        : parsed.error.map(({ position, says }) => `${position?.line}:${position?.column} ${says}`).join('\n');
      assert.match(found, expected);
    });
  }
});

/** What no generator comes upon often: the last two cannot be made a text, nor compared. */
const HOSTILE: readonly unknown[] = [
  null,
  0,
  '',
  [],
  {},
  [null],
  { a: null },
  { toString: null },
  [{ toString: null }],
];

describe('whatever stands in the place of waves, steps, traffic, peaks and entities', () => {
  const document = (kind: string, spec: object) => ({
    apiVersion: 'ringfence.dev/v1',
    kind,
    metadata: { name: 'x' },
    spec,
  });
  const staged = (stage: object) => {
    const stages = [{ name: 'a', targets: {}, bake: { minimum: '5s' }, ...stage }];
    return document('Pipeline', { service: 'x', stages, checks: [] });
  };
  const HOURS = { from: '18:00', to: '20:00', timeZone: 'UTC', days: ['mon'], atLeast: '1m' };
  const service = (more: object) => document('Service', { roles: { a: {} }, slots: { 'config/a': {} }, ...more });
  const places: readonly (readonly [string, (value: unknown) => object])[] = [
    ['waves', (value) => staged({ waves: value })],
    ['a wave', (value) => staged({ waves: [value, '100%'] })],
    ['the traffic of a wave', (value) => staged({ waves: [{ traffic: value }, '100%'] })],
    ['a peak', (value) => staged({ bake: { minimum: '5s', peak: value } })],
    ...Object.keys(HOURS).map((field): [string, (value: unknown) => object] => {
      return [`${field} of a peak`, (value) => staged({ bake: { minimum: '5s', peak: { ...HOURS, [field]: value } } })];
    }),
    ['largestStep', (value) => document('Pipeline', { service: 'x', stages: [], checks: [], largestStep: value })],
    ['what an approval is before', (value) => approved({ before: value, role: 'approver' })],
    ['the role of an approval', (value) => approved({ before: 'start', role: value })],
    ['the start of concurrency', (value) => staged({ concurrency: { start: value, most: { count: 3 } } })],
    ['the most of concurrency', (value) => staged({ concurrency: { start: 1, most: value } })],
    ['the count of a wave', (value) => staged({ waves: [{ count: value }, { share: value }, '100%'] })],
    ['traffic', (value) => service({ traffic: value })],
    ['the metric of traffic', (value) => service({ traffic: { metric: value } })],
    ['metrics beside traffic', (value) => service({ traffic: { metric: 'a' }, metrics: value })],
    ['entities', (value) => document('Catalog', { entities: value })],
    ['an entity', (value) => document('Catalog', { entities: { a: value } })],
    ['dependsOn of an entity', (value) => document('Catalog', { entities: { a: { dependsOn: value } } })],
  ];
  const approved = (approval: object) =>
    document('Pipeline', { service: 'x', stages: [], checks: [], approvals: [approval, approval] });
  for (const [place, documentOf] of places) {
    it(`${place}: it is read or refused, and nothing breaks`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), fc.constantFrom(...HOSTILE)), (value) => {
          const read = parseManifestValue(documentOf(value));
          assert.ok(read.ok || read.error.every(({ says }) => says !== ''));
        }),
      );
    });
  }
});
