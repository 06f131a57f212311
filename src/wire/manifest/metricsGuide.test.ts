import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { METRIC_KINDS } from '../../core/topology/metric.ts';
import { parseManifests } from './parseManifests.ts';

const GUIDE = readFileSync(new URL('../../../docs/guides/metrics.md', import.meta.url), 'utf8');

test('docs/guides/metrics.md shows a service that is one, with the metrics it speaks of', () => {
  const [, text = ''] = /^```yaml\n(.*?)^```/ms.exec(GUIDE) ?? [];
  const parsed = parseManifests(text, 'service.yaml');
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const [manifest] = parsed.value;
  assert.ok(manifest?.kind === 'Service');
  assert.equal(Object.keys(manifest.service.metrics).length, 7);
});

test('docs/guides/metrics.md has a row for every kind of metric', () => {
  const named = [...GUIDE.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell?.match(/[a-z]+/g) ?? []);
  assert.deepEqual(named, [...METRIC_KINDS]);
});
