import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GOOD_TRIES } from '../../core/agent/aim.ts';
import { FAILURE_CODES } from '../../core/agent/failureCode.ts';
import { RESTARTS } from '../../core/agent/revertingSteps.ts';
import { formatDuration } from '../../core/kernel/instant.ts';
import { parseManifests } from '../../wire/manifest/parseManifests.ts';
import { slotLimits } from './slotLimits.ts';

const GUIDE = readFileSync(new URL('../../../docs/guides/agent.md', import.meta.url), 'utf8');

test('docs/guides/agent.md names every failure code, in its words', () => {
  const rows = [...GUIDE.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(([, code, says]) => [code, says]);
  assert.deepEqual(Object.fromEntries(rows), FAILURE_CODES);
});

test('docs/guides/agent.md shows a manifest that is one, and its limits are those of the program', () => {
  const [, text = ''] = /^```yaml\n(.*?)^```/ms.exec(GUIDE) ?? [];
  const parsed = parseManifests(text, 'agent.yaml');
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const [manifest] = parsed.value;
  assert.ok(manifest?.kind === 'Agent');
  const slot = manifest.agent.slots['config/shop'] ?? assert.fail();
  const { trial, retryGoodMs, retryMs, watchForMs } = slotLimits(slot, manifest.agent.checks);
  assert.equal(formatDuration(trial.quietMs), '10m');
  assert.deepEqual([trial.strikes, GOOD_TRIES, RESTARTS, watchForMs], [3, 10, 3, 30_000]);
  assert.deepEqual([retryGoodMs, retryMs.most], [{ first: 60_000, most: 3_600_000 }, 60_000]);
  for (const says of [
    '**10 minutes**',
    '**3 times**',
    'after a minute',
    'up to an hour',
    'ten times at most',
    'three times at most',
    '30 seconds',
  ])
    assert.ok(GUIDE.includes(says), says);
});
