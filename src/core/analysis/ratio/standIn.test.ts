import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knownArm, standInOf } from './standIn.ts';

/** P(X ≤ k) of a Poisson count. */
function atMost(k: number, mean: number): number {
  let [term, sum] = [Math.exp(-mean), Math.exp(-mean)];
  for (let at = 1; at <= k; at++) {
    term *= mean / at;
    sum += term;
  }
  return sum;
}

describe('the past in the place of an untouched arm', () => {
  for (const events of [0, 1, 5, 40, 300]) {
    it(`${events} events: each bound is wrong at most once in a thousand times`, () => {
      const found = standInOf({ events, exposure: 1000 }, 1, null);
      assert.ok(found !== null);
      const { lower, rate, upper } = found;
      assert.ok(lower <= rate && rate <= upper);
      assert.ok(atMost(events, upper * 1000) <= 0.001 + 1e-9, `so few at the upper bound ${upper}`);
      if (events > 0) assert.ok(1 - atMost(events - 1, lower * 1000) <= 0.001, `so many at the lower bound ${lower}`);
    });
  }

  it('clusters make it wider, and so does a fleet that drifts as a whole', () => {
    const past = { events: 100, exposure: 1000 };
    const steady = standInOf(past, 1, null);
    const clustered = standInOf(past, 4, null);
    const drifting = standInOf(past, 1, { least: 0.01, most: 0.4 });
    assert.ok(steady !== null && clustered !== null && drifting !== null);
    assert.ok(clustered.upper > steady.upper && clustered.lower < steady.lower);
    assert.deepEqual([drifting.lower, drifting.upper], [0.01, 0.4]);
  });

  it('what was never counted lends nothing', () => assert.equal(standInOf({ events: 0, exposure: 0 }, 1, null), null));

  it('an arm of a known rate has the exposure of the treated one many times over, at the same level', () => {
    const [events, exposure, expected] = knownArm(0.1, 50, 60);
    assert.ok(Math.abs(events / exposure - 0.1) < 1e-12 && Math.abs(expected / exposure - 1.2) < 1e-12);
    assert.ok(exposure >= 50 * 1000);
  });
});
