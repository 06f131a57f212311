import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kindOfSource } from '../../core/topology/metricSource.ts';
import { parseManifests } from './parseManifests.ts';

const GUIDES = {
  'prometheus.md': ['prometheus'],
  'alertmanager.md': ['alertmanager'],
  'opentelemetry.md': [],
} as const;

for (const [guide, kinds] of Object.entries(GUIDES)) {
  test(`docs/guides/${guide} shows manifests that are some`, () => {
    const text = readFileSync(new URL(`../../../docs/guides/${guide}`, import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/^```yaml\n(apiVersion: ringfence.*?)^```/gms)].map(([, block = '']) => block);
    const parsed = parseManifests(blocks.join('---\n'), 'service.yaml');
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const services = parsed.value.flatMap((manifest) => (manifest.kind === 'Service' ? [manifest.service] : []));
    const [service = assert.fail()] = services;
    assert.deepEqual(Object.values(service.sources ?? {}).map(kindOfSource), kinds);
    assert.ok(Object.keys(service.metrics).length > 0);
  });
}
