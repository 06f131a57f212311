import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { place } from '../kernel/place.ts';
import type { WaveSize } from '../policy/pipeline.ts';
import type { Target } from '../topology/target.ts';
import { trafficShares } from '../topology/traffic.ts';
import { isOpened } from './assignment.ts';
import { pipeline, stage, TARGETS } from './fixtures.ts';
import { planStages, stageOf } from './planStages.ts';

const fleet = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => ({
    uid: `u${index}`,
    name: `t${index}`,
    service: 'shop',
    role: 'api',
    labels: { ring: 'canary' },
  }));
const waveCounts = (waves: readonly WaveSize[], count: number): number[] => {
  const [planned] = planStages(pipeline({ stages: [stage('canary', { waves })] }), 'shop-1', fleet(count));
  return (planned?.waves ?? []).map((wave) => wave.targets);
};

describe('waves', () => {
  const table: readonly [readonly WaveSize[], number, readonly number[], string][] = [
    [[{ share: 1 }], 10, [10], 'all at once'],
    [[{ count: 1 }, { share: 0.5 }, { share: 1 }], 10, [1, 5, 10], 'one, half, all'],
    [[{ count: 1 }, { share: 0.5 }, { share: 1 }], 2, [1, 2], 'a wave that adds nobody is left out'],
    [[{ share: 0.01 }, { share: 1 }], 3, [1, 3], 'a share is never nobody'],
    [[{ count: 50 }, { share: 1 }], 3, [3], 'more than there are is all'],
    [[{ count: 2 }], 5, [2, 5], 'the last wave covers the stage, whatever was written'],
    [[{ share: 1 }], 0, [0], 'an empty stage is planned, and refused elsewhere'],
  ];
  for (const [waves, count, expected, why] of table) {
    it(`${why}: ${JSON.stringify(waves)} of ${count}`, () => assert.deepEqual(waveCounts(waves, count), expected));
  }

  it('law 1: the planned borders open exactly the planned number of targets, growing, and at last everybody', () => {
    const anyWave: fc.Arbitrary<WaveSize> = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ share: fc.double({ min: 0.001, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(
        fc.array(anyWave, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.string(),
        (waves, count, rollout) => {
          const targets = fleet(count);
          const through = pipeline({ stages: [stage('canary', { waves })] });
          const planned = planStages(through, rollout, targets)[0]?.waves ?? [];
          assert.equal(planned.at(-1)?.below, 1);
          for (const wave of planned) {
            const opening = { stage: 'canary', targets: { ring: ['canary'] }, below: wave.below };
            assert.equal(targets.filter((target) => isOpened(rollout, [opening], target)).length, wave.targets);
          }
        },
      ),
    );
  });

  it('law 1: waves by traffic are cut at places too, and open no more of any role than they say, or one target', () => {
    const shares = fc.array(fc.double({ min: 0.001, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 4 });
    const rates = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(shares, rates, fc.string(), (wanted, found, rollout) => {
        const targets = fleet(found.length).map((target, index) => ({
          ...target,
          role: index % 3 === 0 ? 'api' : 'web',
        }));
        const traffic = trafficShares(
          {
            name: 'shop',
            roles: ['api', 'web'],
            slots: {},
            metrics: {},
            dependsOn: [],
            traffic: { metric: 'requests' },
          },
          targets,
          new Map(found.map((rate, index) => [`u${index}`, rate])),
        );
        if (traffic === null) return;
        const waves = [...wanted.sort((a, b) => a - b).map((share) => ({ traffic: share })), { share: 1 }];
        const through = pipeline({ stages: [stage('canary', { waves })] });
        const planned = planStages(through, rollout, targets, traffic)[0]?.waves ?? [];
        assert.equal(planned.at(-1)?.below, 1);
        for (const wave of planned) {
          const opening = { stage: 'canary', targets: { ring: ['canary'] }, below: wave.below };
          const opened = targets.filter((target) => isOpened(rollout, [opening], target));
          assert.equal(opened.length, wave.targets);
          if (wave.below === 1 || wave.targets === 1) continue;
          const most = Math.max(...wanted);
          for (const role of ['api', 'web']) {
            let sum = 0;
            for (const target of opened) if (target.role === role) sum += traffic.shareOf(target);
            assert.ok(sum <= most + 1e-6, `${role} has ${sum} of its traffic in a wave of at most ${most}`);
          }
        }
      }),
    );
  });

  it('a share of the traffic is not a share of the targets', () => {
    const targets = fleet(10);
    const order = targets.toSorted((a, b) => place('shop-1', a.uid) - place('shop-1', b.uid));
    const rates = new Map(order.map(({ uid }, index) => [uid, index < 4 ? 1 : 16]));
    const service = { name: 'shop', roles: ['api'], slots: {}, metrics: {}, dependsOn: [], traffic: { metric: 'r' } };
    const waves: WaveSize[] = [{ traffic: 0.04 }, { traffic: 0.36 }, { share: 1 }];
    const [planned] = planStages(
      pipeline({ stages: [stage('canary', { waves })] }),
      'shop-1',
      targets,
      trafficShares(service, targets, rates),
    );
    assert.deepEqual(
      planned?.waves.map((wave) => wave.targets),
      [4, 6, 10],
    );
  });

  it('who goes first differs from rollout to rollout', () => {
    const first = (rollout: string) => {
      const below =
        planStages(pipeline({ stages: [stage('canary', { waves: [{ count: 1 }] })] }), rollout, fleet(50))[0]?.waves[0]
          ?.below ?? 0;
      return fleet(50).find((target) => isOpened(rollout, [{ stage: 'canary', targets: {}, below }], target))?.name;
    };
    assert.ok(new Set(['shop-1', 'shop-2', 'shop-3', 'shop-4', 'shop-5'].map(first)).size > 1);
  });
});

describe('stages', () => {
  it('a target belongs to the first stage that selects it, or to none', () => {
    const through = pipeline({ stages: [stage('canary'), stage('rest', { targets: { ring: ['canary', 'pilot'] } })] });
    assert.deepEqual(
      [{ ring: 'canary' }, { ring: 'pilot' }, { ring: 'broad' }, {}].map((labels) => stageOf(through, labels)),
      [0, 1, null, null],
    );
  });

  it('count their own targets', () => {
    assert.deepEqual(
      planStages(pipeline(), 'shop-1', TARGETS).map((planned) => planned.targets),
      [2, 4, 8],
    );
  });
});
