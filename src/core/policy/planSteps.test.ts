import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pipeline, stage, TARGETS } from '../rollout/fixtures.ts';
import { planStages } from '../rollout/planStages.ts';
import type { Capacity } from '../topology/capacity.ts';
import type { Service } from '../topology/service.ts';
import type { Pipeline } from './pipeline.ts';
import { planSteps } from './planSteps.ts';

// Two canaries in zones a and b, then four and eight targets in three zones.
const FLEET = TARGETS.map((target, index) => ({
  ...target,
  labels: { ...target.labels, zone: ['a', 'b', 'c'][index % 3] ?? '' },
}));
const NOBODY: ReadonlySet<string> = new Set();
const uidOf = (name: string) => FLEET.find((target) => target.name === name)?.uid ?? assert.fail();

function planned(
  capacity: Capacity | undefined,
  {
    through = pipeline(),
    offline = NOBODY,
    unwell = NOBODY,
  }: { through?: Pipeline; offline?: ReadonlySet<string>; unwell?: ReadonlySet<string> } = {},
) {
  const service: Service = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
  const stages = planStages(through, 'shop-1', FLEET);
  const asked = capacity === undefined ? service : { ...service, capacity };
  return planSteps(asked, { id: 'shop-1', pipeline: through, stages, targets: FLEET }, { offline, unwell });
}

const one: Capacity = { domain: 'zone', unavailable: { count: 1 } };

describe('the steps of a plan', () => {
  it('are whole waves where neither a floor nor a pace is asked for', () => {
    const { stages, first, refusals } = planned(undefined);
    assert.deepEqual([stages, first, refusals], [[null, null, null], { below: 1, absent: [] }, []]);
  });

  it('law 11: are as many as the floor makes of each stage', () => {
    const { stages, refusals } = planned(one);
    assert.deepEqual(refusals, []);
    const expected = stages.map((each) => each?.expected ?? 0);
    assert.equal(expected[0], 1, 'two targets of two roles: one step');
    assert.ok((expected[2] ?? 0) >= 2 && (expected[2] ?? 0) <= 8, `${expected}`);
    const wide = planned({ domain: 'zone', unavailable: { count: 9 } }).stages.map((each) => each?.expected);
    assert.deepEqual(wide, [1, 2, 1], 'a floor that nothing comes near to leaves the waves whole');
  });

  it('law 12: are as many as the pace makes of a stage, growing as it does when all goes well', () => {
    const concurrency = { start: { count: 1 }, most: { share: 0.5 } };
    const through = pipeline({ stages: [stage('canary'), stage('pilot'), stage('broad', { concurrency })] });
    const { stages } = planned(undefined, { through });
    // 1 + 2 + 3, and the two that are left of eight.
    assert.deepEqual(stages, [null, null, { expected: 4, concurrency: { start: 1, most: 4 } }]);
  });

  it('law 12: the first step is as large as the pace begins with', () => {
    const concurrency = { start: { count: 1 }, most: { count: 2 } };
    const through = pipeline({ stages: [stage('canary', { concurrency }), stage('pilot'), stage('broad')] });
    const { first } = planned(undefined, { through });
    assert.ok(first.below > 0 && first.below < 1);
    assert.equal(first.pace?.concurrency, 1);
  });

  it('law 16: a share of a few targets that comes to none is refused: nothing could ever move', () => {
    const { refusals } = planned({ domain: 'zone', unavailable: { share: 0.1 } });
    assert.deepEqual(
      refusals.map(({ code, says }) => [code, says]),
      [
        [
          'no-capacity',
          'service "shop" lets 10% of a role be unavailable in one zone: of 3 api in zone a (and in 5 more) that is none, so nothing could ever move',
        ],
      ],
    );
  });

  it('law 11: a domain that has no room for the first target refuses the start, and says who is away', () => {
    const together: Capacity = { domain: 'rack', unavailable: { count: 1 } };
    const away = {
      offline: new Set([uidOf('shop-8'), uidOf('shop-9')]),
      unwell: new Set([uidOf('shop-10'), uidOf('shop-11')]),
    };
    assert.deepEqual(planned({ ...together, unavailable: { count: 3 } }, away).refusals, []);
    const [refusal] = planned(together, away).refusals;
    assert.equal(refusal?.code, 'no-capacity');
    assert.equal(
      refusal.says,
      'no room in web (without the label of the domain): 2 of 7 unavailable (shop-11, shop-9), at most 1 may be',
    );
  });

  it('law 10: who is away and lies before the first border is named as absent, and nobody else', () => {
    const canary = uidOf('shop-0');
    const { first } = planned(
      { domain: 'zone', unavailable: { count: 2 } },
      { offline: new Set([canary, uidOf('shop-9')]) },
    );
    assert.deepEqual(first.absent, [canary]);
  });
});
