import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MeanEvidence } from '../../src/core/analysis/mean/meanEvidence.ts';
import { FleetPast } from '../../src/core/analysis/ratio/fleetPast.ts';
import { RatioEvidence } from '../../src/core/analysis/ratio/ratioEvidence.ts';
import { Chance } from './chance.ts';
import { limitOf } from './detectionDelay.ts';
import {
  binomialProbabilities,
  clusteredProbabilities,
  crossingProbability,
  type ExactArms,
  poissonProbabilities,
} from './exactCrossing.ts';

describe('evidence of harm without harm ever reaches log(1/α) with a probability of at most α: exactly', () => {
  const one = { treated: 1, untouched: 1 };
  const table: readonly (readonly [string, ExactArms, looks: number])[] = [
    [
      'counts, arms alike',
      {
        treated: poissonProbabilities(0.4),
        untouched: poissonProbabilities(0.4),
        exposure: one,
        dispersion: 1,
        share: null,
      },
      40,
    ],
    [
      'counts, four untouched targets for a treated one',
      {
        treated: poissonProbabilities(0.25),
        untouched: poissonProbabilities(1),
        exposure: { treated: 1, untouched: 4 },
        dispersion: 1,
        share: null,
      },
      40,
    ],
    [
      'counts in clusters',
      {
        treated: clusteredProbabilities(0.4, 2),
        untouched: clusteredProbabilities(0.8, 2),
        exposure: { treated: 1, untouched: 2 },
        dispersion: 2,
        share: null,
      },
      25,
    ],
    [
      'shares',
      {
        treated: binomialProbabilities(4, 0.1),
        untouched: binomialProbabilities(12, 0.1),
        exposure: { treated: 4, untouched: 12 },
        dispersion: 1,
        share: 0.1,
      },
      30,
    ],
    [
      'shares, guessed wrongly',
      {
        treated: binomialProbabilities(4, 0.2),
        untouched: binomialProbabilities(12, 0.2),
        exposure: { treated: 4, untouched: 12 },
        dispersion: 1,
        share: 0.05,
      },
      25,
    ],
  ];
  for (const [name, arms, looks] of table) {
    for (const alpha of [0.1, 0.01])
      it(`${name}, α = ${alpha}`, () => {
        const found = crossingProbability(arms, looks, alpha);
        assert.ok(found <= alpha, `${found}`);
        // A test that never speaks would be valid as well.
        assert.ok(found > alpha / 500, `${found}`);
      });
  }
});

/** Clopper and Pearson's lower bound, 95 %, for a share. */
function lowerBound(hits: number, of: number): number {
  let [low, high] = [0, hits / of];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const fewer = binomialProbabilities(of, middle).slice(0, hits);
    if (1 - fewer.reduce((sum, chance) => sum + chance, 0) < 0.025) low = middle;
    else high = middle;
  }
  return low;
}

describe('of 500 paths without harm no more than α ever cross, as far as 500 can tell', () => {
  const alpha = 0.1;
  const enough = -Math.log(alpha);
  const paths = 500;
  const crossing = (crosses: (chance: Chance) => boolean): number => {
    let crossed = 0;
    for (let path = 1; path <= paths; path++) if (crosses(new Chance(path * 7919))) crossed++;
    return crossed;
  };
  const counted = (draw: (chance: Chance) => number, dispersion: number) => (chance: Chance) => {
    const evidence = new RatioEvidence();
    for (let look = 0; look < 300; look++) {
      let others = 0;
      for (let target = 0; target < 9; target++) others += draw(chance);
      const treated = { events: draw(chance), exposure: 1, expected: 1 };
      evidence.add({ treated, untouched: { events: others, exposure: 9, expected: 9 } }, { dispersion, share: null });
      if (look === 150) evidence.begin();
      if (evidence.ofHarm({ tolerance: 1, margin: 0 }) >= enough) return true;
    }
    return false;
  };
  const table: readonly (readonly [string, (chance: Chance) => boolean])[] = [
    ['counts', counted((chance) => chance.poisson(0.5), 1)],
    ['counts whose rate moves with the hour', counted(movingRate(), 1)],
    // A gamma-distributed rate with mean 1 and shape 2: variance 1.5 times the mean.
    ['counts in clusters, their dispersion known', counted((chance) => chance.poisson(chance.gamma(2)), 1.5)],
    [
      'means',
      (chance) => {
        const evidence = new MeanEvidence();
        for (let look = 0; look < 300; look++) {
          evidence.add(0.2 * chance.normal(), 0.04, 100);
          if (evidence.ofMore({ relative: 0, absolute: 0 }) >= enough) return true;
        }
        return false;
      },
    ],
  ];
  for (const [name, crosses] of table) {
    it(name, () => {
      const crossed = crossing(crosses);
      assert.ok(lowerBound(crossed, paths) <= alpha, `${crossed} of ${paths}`);
      assert.ok(crossed > 0, 'evidence that never grows would be valid as well');
    });
  }

  function movingRate(): (chance: Chance) => number {
    let draws = 0;
    return (chance) => chance.poisson(1 + 0.9 * Math.sin(draws++ / 200));
  }
});

describe('the limit', () => {
  it('is log(1/α) over the divergence: 22 requests for 20 % failures where 2.1 % are allowed', () => {
    const limit = limitOf({ usual: 0.021, times: 0.2 / 0.021, trials: 1 }, 0.01 / 6);
    assert.ok(Math.abs(limit - Math.log(600) / (0.2 * Math.log(0.2 / 0.021) + 0.8 * Math.log(0.8 / 0.979))) < 1e-9);
    assert.equal(Math.round(limit), 22);
  });
  it('of counts: 4.605 nats over 0.386 a minute for one a minute twice as often', () => {
    const limit = limitOf({ usual: 1, times: 2, trials: null }, 0.01);
    assert.ok(Math.abs(limit - Math.log(100) / (2 * Math.LN2 - 1)) < 1e-12);
  });
});

it('counts that are Poisson are taken for Poisson: clusters are not made up', () => {
  let raised = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const chance = new Chance(seed);
    const past = new FleetPast(1440);
    const rate = [0.05, 0.2, 2][seed % 3] ?? 1;
    for (let window = 0; window < 720; window++)
      past.add(
        Array.from({ length: 30 }, (_, target) => ({
          target: String(target),
          events: chance.poisson(rate),
          exposure: 1,
        })),
      );
    if (past.dispersion(60).factor > 1) raised++;
  }
  assert.ok(raised <= 2, `${raised} of 20`);
});
