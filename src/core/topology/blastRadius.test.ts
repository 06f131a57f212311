import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pipeline, stage, TARGETS } from '../rollout/fixtures.ts';
import { planStages } from '../rollout/planStages.ts';
import { reachPlanned } from './blastRadius.ts';
import { type TrafficShares, trafficShares } from './traffic.ts';

const SHOP = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
/** One pilot target of each role takes half of its role's traffic. */
const HEAVY = trafficShares(
  { ...SHOP, traffic: { metric: 'requests' } },
  TARGETS,
  new Map(TARGETS.map(({ uid, name }) => [uid, name === 'shop-2' || name === 'shop-3' ? 6 : 1])),
);

function planned(shares: TrafficShares | null, through = pipeline()) {
  return reachPlanned(through, 'shop-1', planStages(through, 'shop-1', TARGETS), TARGETS, shares);
}

describe('how far a rollout reaches', () => {
  it('by stage: by itself, and with those before it', () => {
    const [canary, pilot, broad] = planned(HEAVY);
    assert.deepEqual(canary?.opens, { targets: 2, share: 2 / 14, traffic: 1 / 12 });
    assert.deepEqual(canary?.reached, canary?.opens);
    assert.deepEqual(pilot?.opens, { targets: 4, share: 4 / 14, traffic: 7 / 12 });
    assert.equal(pilot?.reached.targets, 6);
    assert.equal(pilot?.reached.traffic?.toFixed(6), (8 / 12).toFixed(6));
    assert.deepEqual(broad?.reached, { targets: 14, share: 1, traffic: 1 });
  });

  it('by wave: what each opens newly', () => {
    const pilot = planned(HEAVY)[1];
    assert.deepEqual(
      pilot?.steps.map(({ targets }) => targets),
      [1, 3],
    );
    const together = pilot?.steps.map(({ traffic }) => traffic ?? 0).reduce((sum, each) => sum + each, 0) ?? 0;
    assert.ok(together >= 7 / 12 - 1e-9, 'of no role less than the stage has');
  });

  it('without traffic it is known by targets alone', () => {
    assert.deepEqual(planned(null)[0]?.opens, { targets: 2, share: 2 / 14, traffic: null });
  });

  it('what is staged for nobody is in the whole, and in no stage', () => {
    const through = pipeline({ stages: [stage('canary'), stage('pilot')] });
    assert.deepEqual(planned(HEAVY, through).at(-1)?.reached.share, 6 / 14);
  });
});
