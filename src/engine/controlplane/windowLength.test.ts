import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import { pipeline, stage } from '../../core/rollout/fixtures.ts';
import { windowMsOf } from './windowLength.ts';

const baking = (minimumMs: number, more: Partial<Pipeline> = {}) => {
  const [one] = [stage('canary')];
  return pipeline({ stages: [{ ...one, bake: { ...one.bake, minimumMs } }], ...more });
};

for (const [pipelines, expectedMs, why] of [
  [[], 10_000, 'nobody says anything'],
  [[baking(3_600_000)], 10_000, 'the usual'],
  [[baking(30_000)], 3_000, 'a tenth of the shortest bake'],
  [[baking(30_000), baking(60_000)], 3_000, 'the shortest of all pipelines'],
  [[baking(2_000)], 1_000, 'at least a second'],
  [[baking(3_600_000, { fastTrack: { minimumMs: 50_000 } })], 5_000, 'the shorter way bakes too'],
  [[baking(3_600_000, { windowMs: 60_000 })], 60_000, 'as it says'],
  [[baking(3_600_000, { windowMs: 60_000 }), baking(20_000)], 2_000, 'the other needs shorter ones'],
  [[baking(2_000, { service: 'mail' })], 10_000, 'of another service'],
] as const)
  it(`windows of ${expectedMs} ms: ${why}`, () => assert.equal(windowMsOf(pipelines, 'shop'), expectedMs));
