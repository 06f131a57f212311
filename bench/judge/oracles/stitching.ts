import { leastOf, rootOf, zeta } from './specialFunctions.ts';

/** How the error probability is divided over epochs: the k-th, each `growth` times as long as the one before, gets a part that falls with k^−power. */
const POWER = 1.4;
const GROWTH = 2;
const K1 = (GROWTH ** 0.25 + GROWTH ** -0.25) / Math.SQRT2;
const K2 = (Math.sqrt(GROWTH) + 1) / 2;

/**
 * Polynomial stitching: a bound on a sum with tails like a gamma distribution of scale `c`, with variance `v`.
 * Howard et al., Annals of Statistics 2021, theorem 1.
 */
export function polynomialStitching(v: number, alpha: number, least: number, c: number): number {
  const used = Math.max(v, least);
  const level =
    POWER * Math.log(Math.log((GROWTH * used) / least)) + Math.log(zeta(POWER) / (alpha * Math.log(GROWTH) ** POWER));
  const linear = K2 * c * level;
  return Math.sqrt(K1 ** 2 * used * level + linear ** 2) + linear;
}

/**
 * The largest distance of an empirical distribution of `t` values from the true one, at any time from `least` on.
 * Howard, Ramdas: Sequential estimation of quantiles with applications to A/B testing and best-arm identification (Bernoulli, 2022), theorem 2.
 */
export function empiricalProcessBound(t: number, alpha: number, least: number, slope: number): number {
  if (t < least) return Number.POSITIVE_INFINITY;
  return slope * Math.sqrt((Math.log1p(Math.log(t / least)) + constantFor(alpha, slope)) / t);
}

function constantFor(alpha: number, slope: number): number {
  const errorOf = (constant: number) => {
    const gamma = (growth: number) => (2 / growth) * (slope - Math.sqrt((2 * (growth - 1)) / constant)) ** 2;
    const widest = rootOf(
      (growth) => Math.sqrt(growth / 2) + Math.sqrt((2 * (growth - 1)) / constant) - slope,
      1,
      2 * slope ** 2,
    );
    const error = (growth: number) => {
      const rate = gamma(growth);
      if (!(rate > 1)) return Number.POSITIVE_INFINITY;
      return 4 * Math.exp(-rate * constant) * (1 + 1 / ((rate - 1) * Math.log(growth)));
    };
    return error(leastOf(error, 1, widest));
  };
  let high = 5;
  while (errorOf(high) > alpha) high *= 2;
  return rootOf((constant) => errorOf(constant) - alpha, high / 2, high);
}

/**
 * How far the number of values below the true p-quantile strays from p·t, for all p and all times at once.
 * Howard, Ramdas 2022, theorem 4 (double stitching).
 */
export function doubleStitching(p: number, t: number, alpha: number, tuned: number): number {
  const step = 0.5;
  const ratio = Math.max(t, tuned) / tuned;
  const logit = Math.log(p / (1 - p));
  const nearest = p >= 0.5 ? p : Math.min(0.5, 1 / (1 + Math.exp(-logit - 2 * step * Math.sqrt(GROWTH / ratio))));
  const variance = nearest * (1 - nearest);
  const place = (Math.sqrt(ratio) * Math.abs(logit)) / (2 * step) + 1;
  const sum = zeta(POWER);
  const level =
    POWER * Math.log(Math.log(GROWTH * ratio)) +
    POWER * Math.log(place) +
    Math.log((2 * sum * (2 * sum + 1)) / (alpha * Math.log(GROWTH) ** POWER));
  const linear = (K2 * (1 - 2 * p) * level) / 3;
  const spread = variance * ratio * tuned;
  return step * Math.sqrt(GROWTH * ratio * variance) + Math.sqrt(K1 ** 2 * spread * level + linear ** 2) + linear;
}
