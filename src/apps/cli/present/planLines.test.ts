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
      waves: [{ targets: 2, below: 1 }],
      bakeMs: 5000,
      exposure: { metric: 'requests', atLeast: 200 },
    },
    {
      name: 'broad',
      selects: 'ring=broad,region=eu|us|ap',
      targets: 16,
      connected: 15,
      byRole: { api: 8, web: 8 },
      waves: [
        { targets: 1, below: 0.1 },
        { targets: 8, below: 0.5 },
        { targets: 16, below: 1 },
      ],
      bakeMs: 60_000,
      exposure: null,
    },
  ],
  unstaged: ['shop-x', 'shop-y'],
  unstagedCount: 3,
  freezes: [],
  dependents: ['checkout'],
  minimumMs: 65_000,
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
      'dependents  checkout',
      'takes       at least 1m5s of baking',
      '',
      '✓ It may start:',
      '  ringfence rollout start faster --pipeline shop',
    ],
  );
  assert.ok(lines.every((line) => lineWidth(line) <= 80));
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
