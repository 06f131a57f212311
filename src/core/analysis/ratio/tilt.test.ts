import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tiltOf } from './tilt.ts';

/** log E exp(t·N) for a count with this mean: Poisson at dispersion 1, negative binomial above. */
function logMoment(t: number, mean: number, dispersion: number): number {
  if (mean === 0) return 0;
  if (dispersion === 1) return mean * Math.expm1(t);
  const inner = 1 - (dispersion - 1) * Math.expm1(t);
  return inner <= 0 ? Number.POSITIVE_INFINITY : (-mean / (dispersion - 1)) * Math.log(inner);
}

/** The same for the number of failures among so many trials. */
const logMomentOfShare = (t: number, trials: number, share: number) => trials * Math.log1p(share * Math.expm1(t));

const alternative = fc.oneof(
  fc.double({ min: 1.01, max: 40, noNaN: true }),
  fc.double({ min: 0.03, max: 0.99, noNaN: true }),
);
const positive = (max: number) => fc.double({ min: 1e-3, max, noNaN: true });

describe('exp(tA − uB − cost) has a mean of at most 1 on the boundary, and beyond it on the harmless side', () => {
  it('for clustered counts, at any level of the untouched arm', () => {
    const anything = fc.record({
      alternative,
      ratio: positive(50),
      dispersion: fc.oneof(fc.constant(1), fc.double({ min: 1.0001, max: 200, noNaN: true })),
      tolerance: fc.double({ min: 0.2, max: 20, noNaN: true }),
      margin: fc.double({ min: 0, max: 5, noNaN: true }),
      level: positive(100),
      exposure: positive(1000),
      inside: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(anything, ({ alternative, ratio, dispersion, tolerance, margin, level, exposure, inside }) => {
        const tilt = tiltOf(alternative, { tolerance, margin }, { ratio, dispersion, share: null });
        const allowed = tolerance * ratio * level + margin * exposure;
        // On the harmless side of the hypothesis: below the boundary for evidence of harm, above it for evidence of none.
        const treated = alternative > 1 ? allowed * inside : allowed * (1 + inside);
        const mean =
          logMoment(tilt.treated, treated, dispersion) +
          logMoment(-tilt.untouched, level, dispersion) -
          tilt.treatedExposure * exposure;
        assert.ok(mean <= 1e-6 * (1 + allowed), `log mean ${mean}`);
        if (inside === (alternative > 1 ? 1 : 0)) assert.ok(mean > -1e-6 * (1 + allowed), `on the boundary ${mean}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('for shares, wherever the tangent is drawn', () => {
    const anything = fc.record({
      alternative,
      trials: fc.integer({ min: 1, max: 1000 }),
      untouchedTrials: fc.integer({ min: 1, max: 100_000 }),
      guessed: fc.double({ min: 0.021, max: 0.9, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      tolerance: fc.double({ min: 0.5, max: 3, noNaN: true }),
      margin: fc.double({ min: 0, max: 0.3, noNaN: true }),
      inside: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(anything, ({ alternative, trials, untouchedTrials, guessed, share, tolerance, margin, inside }) => {
        const setting = { ratio: trials / untouchedTrials, dispersion: 1, share: guessed };
        const tilt = tiltOf(alternative, { tolerance, margin }, setting);
        const allowed = tolerance * share + margin;
        const treated = alternative > 1 ? Math.min(1, allowed) * inside : allowed * (1 + inside);
        if (treated > 1) return; // no such share
        const mean =
          logMomentOfShare(tilt.treated, trials, treated) +
          logMomentOfShare(-tilt.untouched, untouchedTrials, share) -
          tilt.treatedExposure * trials -
          tilt.untouchedExposure * untouchedTrials;
        assert.ok(mean <= 1e-8 * trials, `log mean ${mean}`);
      }),
      { numRuns: 2000 },
    );
  });
});

it('with a large untouched arm the tilt is the one of the known rate: log of the alternative', () => {
  const tilt = tiltOf(2, { tolerance: 1, margin: 0 }, { ratio: 1e-6, dispersion: 1, share: null });
  assert.ok(Math.abs(tilt.treated - Math.log(2)) < 1e-5);
  const clustered = tiltOf(2, { tolerance: 1, margin: 0 }, { ratio: 1e-6, dispersion: 3, share: null });
  assert.ok(clustered.treated < Math.log(2) / 2, 'an event in a cluster says less');
});
