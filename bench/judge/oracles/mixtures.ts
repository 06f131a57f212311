import { betaBelow, gammaAbove, gammaBelow, logBeta, logGamma, normalBelow, rootOf } from './specialFunctions.ts';

/**
 * Mixtures of exponential supermartingales over their parameter, in closed form. `s` is how far a sum strayed from its mean, `v` how much
 * variance it has had. The log of each is at most 0 on average, at any time.
 * Howard, Ramdas, McAuliffe, Sekhon: Time-uniform, nonparametric, nonasymptotic confidence sequences (Annals of Statistics, 2021):
 * propositions 5 (normal, two-sided), 6 (normal, one-sided), 7 (beta-binomial), 9 (gamma-exponential), 10 (gamma-Poisson).
 */
export interface Mixture {
  readonly log: (s: number, v: number) => number;
  /** The most that `s` can be. */
  readonly most: (v: number) => number;
}

/** The mixing precision that is tightest at variance `v` and error `alpha`. */
export function bestPrecision(v: number, alpha: number): number {
  const logs = -2 * Math.log(alpha);
  return v / (logs + Math.log1p(logs));
}

const unbounded = () => Number.POSITIVE_INFINITY;

export function normalMixture(v: number, alpha: number): Mixture {
  const rho = bestPrecision(v, alpha);
  return { log: (s, v) => (Math.log(rho / (v + rho)) + (s * s) / (v + rho)) / 2, most: unbounded };
}

/** The bound in closed form. */
export function normalMixtureBound(
  v: number,
  alpha: number,
  tuned: { readonly v: number; readonly alpha: number },
): number {
  const rho = bestPrecision(tuned.v, tuned.alpha);
  return Math.sqrt((v + rho) * (Math.log1p(v / rho) - 2 * Math.log(alpha)));
}

export function halfNormalMixture(v: number, alpha: number): Mixture {
  const rho = bestPrecision(v, 2 * alpha);
  return {
    log: (s, v) =>
      (Math.log((4 * rho) / (v + rho)) + (s * s) / (v + rho)) / 2 + Math.log(normalBelow(s / Math.sqrt(v + rho))),
    most: unbounded,
  };
}

/** For sums whose tail upwards is that of an exponential distribution of scale `c`. */
export function gammaExponentialMixture(v: number, alpha: number, c: number): Mixture {
  const prior = bestPrecision(v, 2 * alpha) / c ** 2;
  const constant = prior * Math.log(prior) - logGamma(prior) - Math.log(gammaBelow(prior, prior));
  return {
    log: (s, v) => {
      const shape = prior + v / c ** 2;
      const rate = shape + s / c;
      return (
        constant + logGamma(shape) + Math.log(gammaBelow(shape, rate)) - shape * Math.log(rate) + s / c + v / c ** 2
      );
    },
    most: unbounded,
  };
}

/** For sums whose tail upwards is that of a Poisson distribution with steps of size `c`. */
export function gammaPoissonMixture(v: number, alpha: number, c: number): Mixture {
  const prior = bestPrecision(v, 2 * alpha) / c ** 2;
  const constant = prior * Math.log(prior) - logGamma(prior) - Math.log(gammaAbove(prior, prior));
  return {
    log: (s, v) => {
      const rate = prior + v / c ** 2;
      const shape = rate + s / c;
      return constant + logGamma(shape) + Math.log(gammaAbove(shape, rate)) - shape * Math.log(rate) + v / c ** 2;
    },
    most: unbounded,
  };
}

/** For steps between −g and h: with a prior on how often a step goes up, as a beta distribution. */
export function betaBinomialMixture(
  { v, alpha }: { readonly v: number; readonly alpha: number },
  g: number,
  h: number,
  sides: 1 | 2,
): Mixture {
  const weight = Math.max(bestPrecision(v, sides === 1 ? 2 * alpha : alpha) - g * h, 1e-3 * g * h);
  const span = g + h;
  const limit = sides === 1 ? h / span : 1;
  const logMass = (a: number, b: number) => logBeta(a, b) + (limit === 1 ? 0 : Math.log(betaBelow(a, b, limit)));
  const prior = logMass(weight / (g * span), weight / (h * span));
  return {
    log: (s, v) => {
      const down = (v / g - s) / span;
      const up = (v / h + s) / span;
      const likelihood = (down + up) * Math.log(span) - up * Math.log(g) - down * Math.log(h);
      return likelihood + logMass(down + weight / (g * span), up + weight / (h * span)) - prior;
    },
    most: (v) => v / g,
  };
}

/** The sum `s` that is ever exceeded with a probability of at most `alpha`, at variance `v`. */
export function boundOf({ log, most }: Mixture, v: number, alpha: number): number {
  const needed = -Math.log(alpha);
  let high = most(v);
  if (!Number.isFinite(high)) for (high = v; log(high, v) <= needed; ) high *= 2;
  else if (log(high, v) < needed) return high;
  return rootOf((s) => log(s, v) - needed, 0, high);
}

/** A confidence sequence for a probability after so many successes among so many trials. */
export function probabilitySequence(
  successes: number,
  trials: number,
  alpha: number,
  tuned: number,
): readonly [number, number] {
  const share = successes / trials;
  const isRejected = (p: number) => {
    const mixture = betaBinomialMixture({ v: p * (1 - p) * tuned, alpha: 0.05 }, p, 1 - p, 2);
    return mixture.log((share - p) * trials, p * (1 - p) * trials) + Math.log(alpha);
  };
  // At 0 and 1 the mixture has no place; next to them it has.
  const edge = 1e-12;
  const bound = (from: number, extreme: number) => {
    const outermost = extreme === 0 ? edge : 1 - edge;
    return isRejected(outermost) < 0 ? extreme : rootOf(isRejected, outermost, from);
  };
  return [share > 0 ? bound(share, 0) : 0, share < 1 ? bound(share, 1) : 1];
}
