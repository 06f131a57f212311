import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlameBody } from '../../../wire/http/blame.ts';
import { lineWidth, paint } from '../terminal/styledLine.ts';
import { blameLines } from './blameLines.ts';

const FOUND: BlameBody = {
  outcome: 'blamed',
  says: 'of 4 unhealthy targets: pay-1 (4 turned unhealthy 1m after it reached what they need) fits',
  faults: 4,
  since: '2026-11-20T09:00:00.000Z',
  ranked: [
    {
      rollout: 'pay-1',
      outcome: 'blamed',
      state: 'under-way',
      score: 2.1,
      votes: 4,
      vetoes: 0,
      reasons: ['4 turned unhealthy 1m after it reached what they need', 'it has reached 50 % of its service'],
    },
    {
      rollout: 'shop-1',
      outcome: 'cleared',
      state: 'completed',
      score: -1,
      votes: 0,
      vetoes: 4,
      reasons: ['4 are where it has never been'],
    },
  ],
};
const shown = (found: BlameBody, width: number) => blameLines(found, width).map((line) => paint(line, false));

test('blame says the sum, then every rollout with what speaks for and against it', () => {
  assert.deepEqual(shown(FOUND, 100), [
    'blame  of 4 unhealthy targets: pay-1 (4 turned unhealthy 1m after it reached what they need) fits',
    'since  2026-11-20T09:00:00Z',
    '',
    'pay-1   blamed',
    '        4 turned unhealthy 1m after it reached what they need',
    '        it has reached 50 % of its service',
    'shop-1  cleared (completed)',
    '        4 are where it has never been',
  ]);
  assert.ok(blameLines(FOUND, 40).every((line) => lineWidth(line) <= 40));
});

test('where nothing is wrong, nobody is ranked', () => {
  const well: BlameBody = { ...FOUND, outcome: 'none', says: 'no target is unhealthy', faults: 0, since: null };
  assert.deepEqual(shown(well, 80), ['blame  no target is unhealthy']);
});
