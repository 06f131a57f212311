import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JudgeFigures, judgeBench } from './judgeBench.ts';

/** Keeps the measurement working; how good the judge is takes thousands of runs, and stands in docs/. */
test('the measurement of the judge runs, and writes its figures, tables and plots', async () => {
  const into = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  const told: string[] = [];
  const figures = await judgeBench({ rollouts: 2, delays: 2, stories: 2, into, print: (line) => told.push(line) });
  const written = JSON.parse(await readFile(join(into, 'judge.json'), 'utf8')) as JudgeFigures;
  assert.deepEqual(written, figures);
  assert.ok(told.length > 0, 'long work says how far it is');

  assert.ok(figures.falseRollbacks.every(({ rolledBack }) => rolledBack <= 1));
  // 2 runs are no measurement, but ours can hardly be sooner than the test that knows everything, or ten times as late.
  for (const { ours, knowing } of figures.delays) assert.ok(ours >= knowing / 3 && ours <= 20 * knowing + 20);
  const ofOurs = figures.comparison.filter(({ judge }) => judge.startsWith('Ringfence'));
  assert.ok(ofOurs.filter(({ times }) => times === 1).every(({ rolledBack }) => rolledBack === 0));
  assert.ok(ofOurs.filter(({ times }) => times === 2).every(({ rolledBack }) => rolledBack > 0));

  const page = await readFile(join(into, 'judge.md'), 'utf8');
  for (const plot of ['false-rollbacks.svg', 'delay.svg']) {
    assert.ok(page.includes(plot));
    assert.match(await readFile(join(into, plot), 'utf8'), /^<svg [\s\S]*<\/svg>\n$/);
  }
  await rm(into, { recursive: true });
});
