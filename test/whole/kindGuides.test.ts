import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followGuide } from './followGuide.ts';

/* The guides of kinds of change that are carried out beyond our own agent's files, followed as written. */

test('docs/guides/feature-flags.md', { timeout: 240_000 }, async (t) => {
  const written = await followGuide(t, 'feature-flags.md');
  const answers = written.split('\n').filter((line) => line.startsWith('ann: '));
  assert.equal(answers.length, 2);
  for (const answer of answers)
    assert.match(answer, /^ann: true \(TARGETING_MATCH\) as one of users-(?:canary|rest)-\d$/);
});

test('docs/guides/webhook.md', { timeout: 240_000 }, async (t) => {
  const written = await followGuide(t, 'webhook.md');
  assert.match(written, /these parameters are impossible/);
  assert.equal(
    written.match(/\{ "replicas": 2 \}\{ "replicas": 2 \}/g)?.length,
    2,
    'both regions have it, before and after',
  );
});

test('docs/guides/opamp-agents.md', { timeout: 120_000 }, async (t) => {
  const written = await followGuide(t, 'opamp-agents.md');
  assert.match(written, /faster-metrics/);
});
