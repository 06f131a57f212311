import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHANGE, pipeline, stage } from '../rollout/fixtures.ts';
import type { Service } from '../topology/service.ts';
import { bindPipeline } from './bindPipeline.ts';
import type { PeakHours } from './peak.ts';
import type { Bake } from './pipeline.ts';

const SERVICE: Service = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
const peak: PeakHours = { from: '18:00', to: '20:00', timeZone: 'UTC', days: ['mon'] };
const exposure = { metric: 'requests', atLeast: 100 };

describe('law 4: what counts as a bake depends on the change and the service', () => {
  const table: readonly [string, Partial<Service>, string | undefined, Bake, Bake][] = [
    [
      'neither says anything',
      {},
      undefined,
      { minimumMs: 5, exposure, deadlineMs: 60 },
      { minimumMs: 5, exposure, deadlineMs: 60 },
    ],
    [
      'an asynchronous path longer than the minimum',
      { asynchronousPathMs: 50 },
      undefined,
      { minimumMs: 5, exposure, deadlineMs: 60 },
      { minimumMs: 50, exposure, deadlineMs: 105 },
    ],
    [
      'an asynchronous path shorter than the minimum',
      { asynchronousPathMs: 3 },
      undefined,
      { minimumMs: 5, exposure, deadlineMs: 60 },
      { minimumMs: 5, exposure, deadlineMs: 60 },
    ],
    [
      'a peak is asked for all the same',
      { asynchronousPathMs: 50 },
      'fast',
      { minimumMs: 5, exposure: null, deadlineMs: 60, peak },
      { minimumMs: 50, exposure: { metric: 'fast', atLeast: 1 }, deadlineMs: 105, peak },
    ],
    [
      'only the new path counts',
      {},
      'fast',
      { minimumMs: 5, exposure, deadlineMs: 60 },
      { minimumMs: 5, exposure: { metric: 'fast', atLeast: 100 }, deadlineMs: 60 },
    ],
    [
      'where no exposure was asked for, the new path must at least have run',
      {},
      'fast',
      { minimumMs: 5, exposure: null, deadlineMs: 60 },
      { minimumMs: 5, exposure: { metric: 'fast', atLeast: 1 }, deadlineMs: 60 },
    ],
  ];
  for (const [why, service, newPath, bake, expected] of table) {
    it(why, () => {
      const change = newPath === undefined ? CHANGE : { ...CHANGE, newPath };
      const through = pipeline({ stages: [stage('canary', { bake }), stage('broad', { bake })] });
      const bound = bindPipeline(through, change, { ...SERVICE, ...service });
      assert.deepEqual(
        bound.stages.map((one) => one.bake),
        [expected, expected],
      );
    });
  }
});
