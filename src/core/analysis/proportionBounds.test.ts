import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { logEvidenceAbove, logEvidenceBelow, lowerBound, upperBound } from './proportionBounds.ts';

/** The mixture again, by another road: a product over single events in a second implementation of its weights. */
function evidenceByProducts(p: number, failures: number, total: number, sign: 1 | -1): number {
  let sumOfWeights = 0;
  let mixture = 0;
  for (let step = 0; step < 24; step++) {
    const weight = 1 / (2 + (step - 2) * (step - 2));
    const lambda = sign * 8 * 0.5 ** step;
    const mean = 1 - p + p * Math.E ** lambda;
    let product = weight;
    for (let event = 0; event < total; event++) product *= (event < failures ? Math.E ** lambda : 1) / mean;
    sumOfWeights += weight;
    mixture += product;
  }
  return mixture / sumOfWeights;
}

const counts = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1_000_000_000 }))
  .map(([share, total]) => ({ failures: Math.floor(share * total), total }));
const alphas = fc.double({ min: 1e-12, max: 0.5, noNaN: true });

describe('bounds on a proportion', () => {
  it('agree with a brute-force search over a grid, with the evidence multiplied up event by event', () => {
    for (const [failures, total, alpha] of [
      [0, 1, 0.05],
      [1, 1, 0.05],
      [0, 30, 0.01],
      [3, 30, 0.05],
      [30, 30, 0.001],
      [15, 50, 0.05],
      [40, 200, 0.005],
      [199, 200, 0.05],
    ] as const) {
      const grid = Array.from({ length: 10_001 }, (_, index) => index / 10_000);
      const above = grid.filter((p) => evidenceByProducts(p, failures, total, 1) < 1 / alpha);
      const below = grid.filter((p) => evidenceByProducts(p, failures, total, -1) < 1 / alpha);
      const [low, high] = [above[0] ?? Number.NaN, below.at(-1) ?? Number.NaN];
      const lower = lowerBound(failures, total, alpha);
      const upper = upperBound(failures, total, alpha);
      assert.ok(lower <= low && lower >= low - 1e-4, `lower ${lower} against ${low} for ${failures}/${total}`);
      assert.ok(upper >= high && upper <= high + 1e-4, `upper ${upper} against ${high} for ${failures}/${total}`);
    }
  });

  it('are about as tight as published two-sided confidence sequences for Bernoulli data (confseq, tuned at 100 events)', (t) => {
    // Interval widths at alpha 0.05 that the reference implementation prints. Ours are one-sided, so each spends the half.
    for (const [failures, total, low, high] of [
      [10, 100, 0.03023831, 0.21201868],
      [50, 100, 0.35073732, 0.64926268],
      [10, 1000, 0.00230916, 0.02365012],
      [50, 1000, 0.03001885, 0.07538071],
      [700, 1000, 0.651629, 0.745949],
      [100, 10000, 0.006685, 0.01405324],
    ] as const) {
      const ratio = (upperBound(failures, total, 0.025) - lowerBound(failures, total, 0.025)) / (high - low);
      t.diagnostic(`${failures}/${total}: ${ratio.toFixed(2)} times as wide`);
      assert.ok(ratio > 0.6 && ratio < 1.2, `${failures}/${total}: ${ratio} times as wide`);
    }
  });

  it('hold the observed proportion between them, within [0, 1]', () => {
    fc.assert(
      fc.property(counts, alphas, ({ failures, total }, alpha) => {
        const observed = total === 0 ? 0.5 : failures / total;
        const lower = lowerBound(failures, total, alpha);
        const upper = upperBound(failures, total, alpha);
        assert.ok(0 <= lower && lower <= observed && observed <= upper && upper <= 1, `${lower} ${observed} ${upper}`);
      }),
    );
  });

  it('lie where the evidence reaches 1/alpha, and never on the side that claims too much', () => {
    fc.assert(
      fc.property(counts, alphas, ({ failures, total }, alpha) => {
        const lower = lowerBound(failures, total, alpha);
        const upper = upperBound(failures, total, alpha);
        if (lower > 0) assert.ok(logEvidenceAbove(lower, failures, total) >= -Math.log(alpha));
        if (upper < 1) assert.ok(logEvidenceBelow(upper, failures, total) >= -Math.log(alpha));
      }),
    );
  });

  it('widen as less error is allowed, rise with failures, and shrink as the same proportion is seen for longer', () => {
    fc.assert(
      fc.property(counts, alphas, ({ failures, total }, alpha) => {
        assert.ok(lowerBound(failures, total, alpha / 10) <= lowerBound(failures, total, alpha));
        assert.ok(upperBound(failures, total, alpha / 10) >= upperBound(failures, total, alpha));
        assert.ok(lowerBound(failures, total + 1, alpha) <= lowerBound(failures + 1, total + 1, alpha));
        assert.ok(upperBound(failures, total + 1, alpha) <= upperBound(failures + 1, total + 1, alpha));
        assert.ok(lowerBound(2 * failures, 2 * total, alpha) >= lowerBound(failures, total, alpha) * (1 - 1e-9));
        assert.ok(upperBound(2 * failures, 2 * total, alpha) <= upperBound(failures, total, alpha) * (1 + 1e-9));
      }),
    );
  });

  it('mirror each other: failures counted as successes turn one into the other where the proportion is one half', () => {
    for (const total of [2, 20, 2000, 2_000_000]) {
      const lower = lowerBound(total / 2, total, 0.01);
      const upper = upperBound(total / 2, total, 0.01);
      assert.ok(Math.abs(lower + upper - 1) < 1e-9, `${lower} and ${upper} of ${total}`);
    }
  });

  it('keep shrinking at very large counts: at 10^15 events they are within a millionth', () => {
    const width = upperBound(5e14, 1e15, 0.01) - lowerBound(5e14, 1e15, 0.01);
    assert.ok(width > 0 && width < 1e-6, `${width}`);
  });
});

describe('the probability that a bound is ever wrong, computed exactly over all sequences of 400 events', () => {
  const alpha = 0.05;
  /** p_i for event i, and whether it is the same throughout. */
  const rates: Readonly<Record<string, (event: number) => number>> = {
    'constant 0.001': () => 0.001,
    'constant 0.02': () => 0.02,
    'constant 0.1': () => 0.1,
    'constant 0.5': () => 0.5,
    'constant 0.97': () => 0.97,
    'daily cycle 0.005 to 0.4': (event) => 0.2025 - 0.1975 * Math.cos((2 * Math.PI * event) / 100),
    'quiet, then an outage': (event) => (event < 200 ? 0.001 : 0.6),
    'an outage, then quiet': (event) => (event < 20 ? 0.9 : 0.001),
    'alternating 0.01 and 0.3': (event) => (event % 2 === 0 ? 0.01 : 0.3),
  };
  for (const [name, rate] of Object.entries(rates)) {
    it(`${name}: at most alpha for either bound`, (t) => {
      const above = probabilityEverWrong(rate, 400, (mean, failures, total) => logEvidenceAbove(mean, failures, total));
      const below = probabilityEverWrong(rate, 400, (mean, failures, total) => logEvidenceBelow(mean, failures, total));
      t.diagnostic(`lower wrong with ${above.toFixed(4)}, upper with ${below.toFixed(4)}; allowed ${alpha}`);
      assert.ok(above <= alpha && below <= alpha, `${above} ${below}`);
    });
  }

  /** Forward over the number of failures so far; sequences whose bound has excluded the true running mean are taken out and added up. */
  function probabilityEverWrong(
    rate: (event: number) => number,
    events: number,
    logEvidence: (mean: number, failures: number, total: number) => number,
  ): number {
    let alive = new Float64Array([1]);
    let sumOfRates = 0;
    let wrong = 0;
    for (let event = 0; event < events; event++) {
      const p = rate(event);
      sumOfRates += p;
      const next = new Float64Array(event + 2);
      for (let failures = 0; failures <= event; failures++) {
        const mass = alive[failures] ?? 0;
        next[failures] = (next[failures] ?? 0) + mass * (1 - p);
        next[failures + 1] = mass * p;
      }
      for (let failures = 0; failures <= event + 1; failures++) {
        const mass = next[failures] ?? 0;
        if (mass > 0 && logEvidence(sumOfRates / (event + 1), failures, event + 1) >= -Math.log(alpha)) {
          wrong += mass;
          next[failures] = 0;
        }
      }
      alive = next;
    }
    return wrong;
  }
});
