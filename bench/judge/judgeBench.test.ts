import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PastBook } from '../../src/core/analysis/pastBook.ts';
import { RolloutJudge, USUAL_MISS_RATE } from '../../src/core/analysis/rolloutJudge.ts';
import { HEALTHY_CASES, healthyRollout, metricName } from './healthyRollout.ts';
import { judgeBench } from './judgeBench.ts';
import type { JudgeFigures } from './judgeFigures.ts';
import { Judging } from './judging.ts';

/** Keeps the measurement working; how good the judge is takes thousands of runs, and stands in docs/. */
test('the measurement of the judge runs, is kept, and writes its figures, page and plots', async () => {
  const into = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  const told: string[] = [];
  const options = {
    runs: { rollouts: 1, delays: 2, otherDelays: 1, stories: 1 },
    into,
    page: join(into, 'page'),
    measures: true,
    print: (line: string) => told.push(line),
  };
  const figures = await judgeBench(options);
  const written = JSON.parse(await readFile(join(into, 'judge.json'), 'utf8')) as JudgeFigures;
  assert.deepEqual(written, figures);
  assert.ok(told.length > 0, 'long work says how far it is');

  assert.ok(figures.falseRollbacks.every(({ rolledBack }) => rolledBack.every((count) => count <= 1)));
  // 2 runs are no measurement, but ours can hardly be sooner than the test that knows everything, or ten times as late.
  for (const { ours, knowing, control } of figures.delays.filter((one) => one.control > 1))
    assert.ok(ours >= knowing / 3 && ours <= 20 * knowing + 20, `${ours} against ${knowing}, ${control} untouched`);
  const ofOurs = figures.comparison.filter(({ family }) => family === 'Ringfence');
  assert.ok(ofOurs.filter(({ times }) => times === 1).every(({ rolledBack }) => rolledBack <= 1));
  assert.ok(ofOurs.filter(({ times }) => times === 2).some(({ rolledBack }) => rolledBack > 0));

  const page = await readFile(join(into, 'page', 'judge-benchmark.md'), 'utf8');
  for (const plot of ['false-rollbacks', 'delay', 'peers'].map((name) => `judge-benchmark-${name}.svg`)) {
    assert.ok(page.includes(plot));
    assert.match(await readFile(join(into, 'page', plot), 'utf8'), /^<svg [\s\S]*<\/svg>\n$/);
  }
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);

  // What is kept is not measured again: not even the cost, which never comes out the same twice.
  const lines = async () => (await readFile(join(into, 'pieces.jsonl'), 'utf8')).split('\n').length;
  const before = await lines();
  assert.deepEqual(await judgeBench({ ...options, measures: false }), figures);
  assert.equal(await lines(), before);
  await rm(into, { recursive: true });
});

test('checks that are judged one by one come to the same as a whole rollout judge, look by look', () => {
  const [healthy] = HEALTHY_CASES;
  assert.ok(healthy !== undefined);
  const short = {
    ...healthy,
    metrics: healthy.metrics.slice(0, 4),
    shape: {
      ...healthy.shape,
      pastMinutes: 60,
      stages: healthy.shape.stages.map((stage) => ({ ...stage, minutes: 10 })),
    },
  };
  const checks = short.metrics.map(({ check }, index) => check(metricName(index)));
  const [judging, book] = [new Judging(checks), new PastBook(60_000)];
  const judge = new RolloutJudge({ checks, budget: 0.01, missRate: USUAL_MISS_RATE }, { changed: [''] });
  for (const check of checks) book.follow('', check);
  let [at, looks] = [0, 0];
  for (const step of healthyRollout(short, 1)) {
    if ('begins' in step) {
      judging.begin(step.begins);
      judge.begin(at, judge.stage + 1, step.begins, () => book);
      continue;
    }
    at += 60_000;
    judging.observe(step);
    judge.observe({ at, role: '', samples: step }, book);
    book.learn(at, '', step);
    if (judge.stage < 0) continue;
    looks++;
    assert.deepEqual(
      judge.findings().map(({ harm }) => harm),
      judging.harm(),
    );
  }
  assert.equal(looks, 20);
});
