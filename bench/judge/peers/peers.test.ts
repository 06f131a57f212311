import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asymptoticSequence } from './asymptoticSequence.ts';
import { rolledBackAt } from './fixedThreshold.ts';
import { classify, KAYENTA, score } from './mannWhitney.ts';

/** The peers' judges are held against figures that the peers publish with their own code. */

const near = (found: number | undefined, wanted: number, digits: number) =>
  assert.ok(Math.abs((found ?? Number.NaN) - wanted) < 10 ** -digits, `${found}, published is ${wanted}`);

describe('asymptotic confidence sequence (gbstats 0.8)', () => {
  const control = { count: 3000, sum: 1396.87, squares: 52377.9767 };
  const treated = { count: 3461, sum: 2422.7, squares: 134698.29 };
  /** The variance of a share is p(1 − p) there, without the correction for a sample. */
  const share = (sum: number, count: number) => {
    const p = sum / count;
    return { count, sum, squares: count * p * p + (count - 1) * p * (1 - p) };
  };
  const usual = { alpha: 0.05, tuned: 5000, relative: true, oneSided: false };

  it('of a ratio', () => {
    const found = asymptoticSequence(control, treated, { ...usual, tuned: 1000 });
    near(found?.estimate, 0.50336, 5);
    near(found?.error, 0.33341, 5);
    near(found?.lower, -0.55844, 5);
    near(found?.upper, 1.56516, 5);
    near(found?.p, 1, 5);
  });
  it('of a ratio, one-sided', () => {
    const found = asymptoticSequence(control, treated, { ...usual, oneSided: true });
    near(found?.lower, -0.42356454602790883, 12);
    near(found?.upper, 1.4302867177403806, 12);
  });
  it('of a difference, one-sided', () => {
    const found = asymptoticSequence(control, treated, { ...usual, relative: false, oneSided: true });
    near(found?.estimate, 0.23437666666666668, 12);
    near(found?.error, 0.12983081254184736, 12);
    near(found?.lower, -0.12656844172804982, 12);
    near(found?.upper, 0.5953217750613832, 12);
  });
  it('of proportions', () => {
    const found = asymptoticSequence(share(1396, 3000), share(2422, 3461), usual);
    near(found?.estimate, 0.50386, 5);
    near(found?.error, 0.03386, 5);
    near(found?.lower, 0.40098, 5);
    near(found?.upper, 0.60675, 5);
    near(found?.p, 0, 12);
  });
  it('says nothing where there is nothing', () => {
    assert.equal(asymptoticSequence(share(0, 1), share(0, 1), usual), null);
    assert.equal(asymptoticSequence(share(0, 100), share(0, 100), usual), null);
  });
});

describe('Mann-Whitney with a score (Kayenta, NetflixACAJudge 1.0)', () => {
  // The figures of its own tests, to two digits.
  const low = [
    11.15, 9.96, 7.07, 7.3, 9.79, 9.6, 6.19, 12.35, 10.37, 8.61, 9.91, 10.36, 14.21, 10.95, 10.22, 11.74, 10.91, 12.82,
    8.1, 8.5, 12.11, 13.27, 10.11, 6.95, 6.21, 10.16, 8.35, 8.38, 7, 10.76,
  ];
  const alike = [
    9.78, 10.59, 7.84, 9.32, 8.38, 8.94, 8.27, 9.75, 11.62, 9.28, 8.15, 10.56, 13.5, 11.05, 6.95, 12.52, 9.02, 4.92,
    11.25, 11.6, 8.44, 11.11, 10.7, 8.92, 10.09, 11.42, 9.38, 7.8, 10.62, 11.91,
  ];
  const high = [
    20.88, 21.79, 19.71, 15.86, 19.51, 19.39, 22.93, 17.16, 18.66, 23.42, 24.06, 22.63, 21.98, 21.66, 20.07, 22.12,
    16.44, 21.56, 21, 17.78, 17.81, 18.54, 20.56, 19.55, 21.77, 21.81, 20.96, 20.98, 19.11, 16.98,
  ];
  const options = { ...KAYENTA, direction: 'either', confidence: 0.95, tolerance: 0.1 } as const;
  const table = [
    ['alike', low, alike, 'either', 'Pass'],
    ['higher', low, high, 'either', 'High'],
    ['lower', high, alike, 'either', 'Low'],
    ['lower, and only higher is bad', high, alike, 'increase', 'Pass'],
    ['higher, and only lower is bad', low, high, 'decrease', 'Pass'],
    ['higher, and higher is bad', low, high, 'increase', 'High'],
    ['lower, and lower is bad', high, alike, 'decrease', 'Low'],
    ['nothing', low, [], 'either', 'Nodata'],
    ['the same figures', low, low.toReversed(), 'either', 'Pass'],
  ] as const;
  for (const [name, control, treated, direction, expected] of table) {
    it(name, () => assert.equal(classify(control, treated, { ...options, direction }), expected));
  }
  it('scores what passes among what has data', () => {
    assert.equal(score(['Pass', 'Pass', 'High', 'Low']), 50);
    assert.equal(score(['Pass', 'Pass', 'Nodata']), 100);
    assert.equal(score(['Pass', 'Nodata', 'Nodata']), 0);
  });
});

describe('fixed threshold with a failure limit (Argo Rollouts, Flagger)', () => {
  const table: readonly (readonly [string, (number | null)[], number, number | null])[] = [
    ['the first failure rolls back', [0, 2, 0], 0, 1],
    ['so many are tolerated, in a row or not', [2, 0, 2, 0, 2], 2, 4],
    ['on the threshold is not above it', [1, 1, 1], 0, null],
    ['no traffic is passed over', [null, null, 2], 0, 2],
  ];
  for (const [name, measured, failureLimit, expected] of table) {
    it(name, () => assert.equal(rolledBackAt(measured, { threshold: 1, failureLimit }), expected));
  }
});
