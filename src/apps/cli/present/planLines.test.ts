import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanBody } from '../../../wire/http/plan.ts';
import { glyphsFor } from '../terminal/glyphs.ts';
import { lineWidth, paint } from '../terminal/styledLine.ts';
import { planLines } from './planLines.ts';

const PLAN: PlanBody = {
  change: { digest: `sha256:${'3fa9c1d20b7e'.padEnd(64, '0')}`, name: 'faster' },
  service: 'shop',
  pipeline: 'shop',
  roles: ['api', 'web'],
  stages: [
    {
      name: 'canary',
      selects: 'ring=canary',
      targets: 2,
      connected: 2,
      byRole: { api: 1, web: 1 },
      waves: [{ targets: 2, below: 1, opens: { targets: 2, share: 0.1, traffic: 0.4 } }],
      opens: { targets: 2, share: 0.1, traffic: 0.4 },
      reached: { targets: 2, share: 0.1, traffic: 0.4 },
      bakeMs: 5000,
      peak: null,
      exposure: { metric: 'requests', atLeast: 200 },
    },
    {
      name: 'broad',
      selects: 'ring=broad,region=eu|us|ap',
      targets: 16,
      connected: 15,
      byRole: { api: 8, web: 8 },
      waves: [
        { targets: 1, below: 0.1, opens: { targets: 1, share: 0.05, traffic: 0.03 } },
        { targets: 8, below: 0.5, opens: { targets: 7, share: 0.35, traffic: 0.2 } },
        { targets: 16, below: 1, opens: { targets: 8, share: 0.4, traffic: 0.37 } },
      ],
      opens: { targets: 16, share: 0.8, traffic: 0.6 },
      reached: { targets: 18, share: 0.9, traffic: 1 },
      bakeMs: 60_000,
      peak: null,
      exposure: null,
    },
  ],
  unstaged: ['shop-x', 'shop-y'],
  unstagedCount: 3,
  freezes: [],
  rules: [],
  blast: {
    targets: 18,
    share: 0.9,
    traffic: 1,
    unknownTraffic: 0,
    dependents: [
      { service: 'checkout', distance: 1, registered: true },
      { service: 'reports', distance: 2, registered: false },
    ],
    dependencies: [{ service: 'payments', distance: 1, registered: true }],
  },
  lateCohorts: [{ label: 'region', value: 'ap', targets: 5, stage: 'broad' }],
  warnings: [{ code: 'late-cohort', says: 'all 5 targets of region=ap are only in the last stage' }],
  minimumMs: 65_000,
  fastTrack: false,
  irreversible: null,
  gates: [],
  breakGlass: null,
  refusals: [],
};

const shown = (plan: PlanBody, width: number) => planLines(plan, width, glyphsFor({}));

test('a plan fits 80 columns and leaves nothing out', () => {
  const lines = shown(PLAN, 80);
  assert.deepEqual(
    lines.map((line) => paint(line, false)),
    [
      'change    faster 3fa9c1d20b7e',
      'service   shop, roles api, web',
      'pipeline  shop',
      '',
      'STAGE   SELECTS        TARGETS  CONNECTED  BY ROLE       WAVES     BAKE',
      'canary  ring=canary          2          2  1 api, 1 web  2         5s, 200',
      '                                                                   requests per',
      '                                                                   role',
      'broad   ring=broad,         16         15  8 api, 8 web  1, 8, 16  1m',
      '        region=eu|us|',
      '        ap',
      '',
      'left out    3 targets that no stage selects, which would never get it: shop-x,',
      '            shop-y and 1 more',
      'blast       18 targets (90 %), 100 % of the traffic',
      'by stage    canary: 2 targets (10 %), 40 % of the traffic',
      '            broad: 16 targets (80 %), 60 % of the traffic; with those before 18',
      '            targets (90 %), 100 % of the traffic',
      'dependents  directly checkout; in 2 steps reports (catalogued)',
      'needs       directly payments',
      'takes       at least 1m5s of baking',
      '',
      '! Read this before it is started:',
      '  late-cohort  all 5 targets of region=ap are only in the last stage',
      '',
      '✓ It may start:',
      '  ringfence rollout start faster --pipeline shop',
    ],
  );
  assert.ok(lines.every((line) => lineWidth(line) <= 80));
});

test('a rule that is met is said once, one that is not where and why', () => {
  const rules: PlanBody['rules'] = [
    { rule: 'office-hours', stage: 'canary', wave: 1, outcome: 'passes', says: 'too late' },
    { rule: 'office-hours', stage: 'broad', wave: 1, outcome: 'passes', says: 'too late' },
    { rule: 'small', stage: 'canary', wave: 1, outcome: 'passes', says: 'too large' },
    { rule: 'small', stage: 'broad', wave: 2, outcome: 'refuses', says: 'too large' },
    { rule: 'known', stage: 'broad', wave: 1, outcome: 'error', says: 'it is not known' },
  ];
  const text = shown({ ...PLAN, rules }, 90).map((line) => paint(line, false));
  assert.deepEqual(
    text.filter((line) => line.startsWith('rule')),
    ['rule        office-hours passes'],
  );
  const from = text.indexOf('rule        office-hours passes');
  assert.deepEqual(text.slice(from, from + 3), [
    'rule        office-hours passes',
    '            small refuses broad, wave 2, if it opened now: too large',
    '            known cannot be evaluated for broad, wave 1, if it opened now: it is not known',
  ]);
});

test('a bake that must cover a peak says which it would be', () => {
  const local = { starts: '2026-11-20 18:00 Europe/Berlin', ends: '2026-11-20 20:00 Europe/Berlin' };
  const peak = { starts: '2026-11-20T17:00:00.000Z', ends: '2026-11-20T19:00:00.000Z', local };
  const stages = PLAN.stages.map((stage) => ({ ...stage, peak }));
  const text = shown({ ...PLAN, stages }, 200).map((line) => paint(line, false));
  assert.ok(text.some((line) => line.endsWith('1m, and a peak, 2026-11-20 18:00 Europe/Berlin at the earliest')));
});

test('every refusal is said, in order, with what to do', () => {
  const refusals: PlanBody['refusals'] = [
    { code: 'quarantined', says: 'it was rolled back by shop-1', remedy: 'make another change' },
    { code: 'line-halted', says: 'ann halted the line' },
  ];
  const text = shown({ ...PLAN, refusals }, 80).map((line) => paint(line, false));
  assert.deepEqual(text.slice(-4), [
    '✗ It would be refused:',
    '  quarantined  it was rolled back by shop-1',
    '               make another change',
    '  line-halted  ann halted the line',
  ]);
});

test('a plan is no wider than 60 columns either, and folds instead of cutting', () => {
  const lines = shown(PLAN, 60);
  assert.ok(lines.every((line) => lineWidth(line) <= 60));
  assert.ok(!lines.some((line) => paint(line, false).includes('…')));
});
