import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseTemplate, renderTemplate } from '../../src/core/topology/labelTemplate.ts';
import { parseManifests } from '../../src/wire/manifest/parseManifests.ts';
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

test('docs/guides/packages.md', { timeout: 240_000 }, async (t) => {
  const written = await followGuide(t, 'packages.md');
  assert.match(written, /^1\.0\n1\.0$/m, 'both targets hold the first version');
  assert.match(written, /1\.0\nregion eu$/, 'package and template went back together');
});

test('docs/guides/scripts.md', { timeout: 240_000 }, async (t) => {
  const written = await followGuide(t, 'scripts.md');
  assert.match(written, /500500.*ended with code 3; it said: a limit is a number, found: a lot/s);
  assert.match(written, /500500$/, 'neither target holds what failed');
});

test('docs/guides/files.md shows a manifest that is one, and a template that can be filled in', () => {
  const guide = readFileSync(new URL('../../docs/guides/files.md', import.meta.url), 'utf8');
  const [, manifest = ''] = /^```yaml\n(.*?)^```/ms.exec(guide) ?? [];
  const parsed = parseManifests(manifest, 'files.md');
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const [, text = ''] = /^```text\n(.*?)^```/ms.exec(guide) ?? [];
  const template = parseTemplate(text);
  assert.ok(template.ok);
  const facts = { name: 'shop-eu-1', service: 'shop', role: 'web', labels: { region: 'eu' } };
  assert.deepEqual(renderTemplate(template.value, facts), {
    ok: true,
    value: '{ "region": "eu", "name": "shop-eu-1", "braces": "{{" }\n',
  });
});

test('docs/guides/opamp-agents.md', { timeout: 120_000 }, async (t) => {
  const written = await followGuide(t, 'opamp-agents.md');
  assert.match(written, /faster-metrics/);
});
