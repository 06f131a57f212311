import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseManifestValue } from './parseManifestValue.ts';

const SERVICE = { roles: { web: {} }, slots: { 'config/shop': {} } };
const CHECK = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', margin: 0.02 };
const STAGE = { name: 'canary', targets: {}, bake: { minimum: '1s' } };

function parse(kind: string, spec: object) {
  return parseManifestValue({ apiVersion: 'ringfence.dev/v1', kind, metadata: { name: 'shop' }, spec });
}

const service = (capacity: object) => parse('Service', { ...SERVICE, capacity });
const pipeline = (concurrency: object) =>
  parse('Pipeline', {
    service: 'shop',
    stages: [{ ...STAGE, concurrency }],
    checks: [{ ...CHECK, failures: 'failures', total: 'requests' }],
  });

describe('a floor and a pace, in manifests', () => {
  it('are numbers of targets, or shares', () => {
    const read = service({ domain: 'zone', unavailable: '12.5%' });
    assert.ok(read.ok && read.value.kind === 'Service');
    assert.deepEqual(read.value.service.capacity, { domain: 'zone', unavailable: { share: 0.125 } });
    const paced = pipeline({ start: 2, most: '25%' });
    assert.ok(paced.ok && paced.value.kind === 'Pipeline');
    assert.deepEqual(paced.value.pipeline.stages[0]?.concurrency, { start: { count: 2 }, most: { share: 0.25 } });
  });

  it('are not there where nobody asks for them', () => {
    const read = parse('Service', SERVICE);
    assert.ok(read.ok && read.value.kind === 'Service');
    assert.ok(!('capacity' in read.value.service));
  });

  const SIZE = 'a number of targets such as 1, or a share such as 50%';
  const mistakes = [
    [service({ domain: 'zone', unavailable: 0 }), `spec.capacity.unavailable: found the number 0, expected ${SIZE}`],
    [
      service({ domain: 'zone', unavailable: '0%' }),
      `spec.capacity.unavailable: found the text "0%", expected ${SIZE}`,
    ],
    [
      service({ unavailable: 1 }),
      'spec.capacity.domain: found nothing, expected a name of at most 63 letters, digits, dashes, dots and underscores that starts with a letter',
    ],
    [
      pipeline({ start: 4, most: 2 }),
      'spec.stages[0].concurrency.most: found the number 2, expected as much as start, or more',
    ],
    [
      pipeline({ start: '20%', most: '10%' }),
      'spec.stages[0].concurrency.most: found the text "10%", expected as much as start, or more',
    ],
    [pipeline({ start: 1 }), `spec.stages[0].concurrency.most: found nothing, expected ${SIZE}`],
  ] as const;
  for (const [parsed, says] of mistakes) {
    it(says, () => {
      assert.ok(!parsed.ok);
      assert.deepEqual(
        parsed.error.map((problem) => problem.says),
        [says],
      );
    });
  }
});
