import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../kernel/digest.ts';
import { CHANGE, digestOf, pipeline, stage } from '../rollout/fixtures.ts';
import type { Service } from '../topology/service.ts';
import { bindPipeline } from './bindPipeline.ts';
import { boundPlan } from './fastTrack.ts';
import type { PeakHours } from './peak.ts';
import type { Bake } from './pipeline.ts';

const SERVICE: Service = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
const peak: PeakHours = { from: '18:00', to: '20:00', timeZone: 'UTC', days: ['mon'] };
const exposure = { metric: 'requests', atLeast: 100 };

describe('law 4: a cure that has seen its peaks', () => {
  const service = { ...SERVICE, slots: { 'config/shop': { roles: ['api', 'web'], schema: null, maxBytes: 1 } } };
  const bake: Bake = { minimumMs: 5, exposure, deadlineMs: 60, peak };
  const through = pipeline({ stages: [stage('canary', { bake })], fastTrack: { minimumMs: 1 } });
  const bound = (goods: readonly Digest[]) => {
    const lastKnownGoods = new Map(['api', 'web'].map((role) => [`shop/${role}/config/shop`, goods]));
    const world = { lastKnownGoods, changes: new Map(), assignments: new Map() };
    return boundPlan(world, CHANGE, through, service).pipeline.stages[0]?.bake;
  };
  it('a known good waits for none', () => {
    assert.deepEqual(bound([CHANGE.slots['config/shop'] as Digest, digestOf('z')]), {
      minimumMs: 1,
      exposure,
      deadlineMs: 60,
    });
  });
  it('anything else does', () => assert.deepEqual(bound([digestOf('z')]), bake));
});

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
