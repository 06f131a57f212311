/**
 * Bounds on a proportion that may be looked at after every event, for ever: a mixture over fixed natural parameters.
 *
 * For one λ > 0 let E_n(p; λ) = exp(λ s − n log(1 + p (e^λ − 1))), with s failures among n events. If the conditional
 * probability of failure, given everything seen before, is p_i at event i, then exp(λ s − Σ log(1 + p_i (e^λ − 1))) is a
 * martingale that starts at 1. log(1 + p (e^λ − 1)) is concave in p, so E_n at the *running average* of the p_i is never above
 * it. A mixture Σ w_k E_n(p; λ_k) with Σ w_k = 1 is not either, and by Ville's inequality it ever reaches 1/α with probability
 * at most α. The p below which it reaches 1/α are excluded: that is the lower bound. λ < 0 gives the upper bound alike.
 * (Howard, Ramdas, McAuliffe, Sekhon: Time-uniform Chernoff bounds via nonnegative supermartingales; Confidence sequences.)
 *
 * So each bound holds at all times together with probability 1 − α, for the running average of the conditional failure
 * probabilities: they may drift, follow the hour of the day and depend on the past. Events may also be fractions in [0, 1]
 * (e^(λx) is convex in x). The λ are fixed in advance for exactly this reason: a beta-binomial mixture fixes the alternative
 * proportion instead, its λ then moves with p, and the argument above fails for proportions that vary.
 */

interface Tilt {
  readonly lambda: number;
  /** e^λ − 1 */
  readonly growth: number;
  readonly logWeight: number;
}

/**
 * λ = 8, 4, 2 … 2^-20, weighed most about 2: the best λ to tell q from p is logit(q) − logit(p), which lies between 1 and 4
 * where a rollout is to be judged soon (some percent of failures against a margin near one percent). Halving λ costs at most
 * an eighth of the best exponent between two of them; the smallest keep the bounds shrinking until some 10^13 events.
 */
const TILTS_UP = tilts(1);
const TILTS_DOWN = tilts(-1);

function tilts(sign: 1 | -1): readonly Tilt[] {
  const steps = Array.from({ length: 24 }, (_, step) => step);
  const weight = (step: number) => 1 / (2 + (step - 2) ** 2);
  const sum = steps.reduce((total, step) => total + weight(step), 0);
  return steps.map((step) => {
    const lambda = sign * 2 ** (3 - step);
    return { lambda, growth: Math.expm1(lambda), logWeight: Math.log(weight(step) / sum) };
  });
}

/** A proportion that the true one exceeds, at all times together with probability 1 − `alpha`. 0 when nothing is known. */
export function lowerBound(failures: number, total: number, alpha: number): number {
  return total > 0 ? boundary(TILTS_UP, 0, failures, total, -Math.log(alpha)) : 0;
}

/** A proportion that the true one stays below, at all times together with probability 1 − `alpha`. 1 when nothing is known. */
export function upperBound(failures: number, total: number, alpha: number): number {
  return total > 0 ? boundary(TILTS_DOWN, 1, failures, total, -Math.log(alpha)) : 1;
}

/** Log of the evidence that the proportion was above `p`. Falls as `p` grows; at most 0 from the observed proportion on. */
export function logEvidenceAbove(p: number, failures: number, total: number): number {
  return logEvidence(TILTS_UP, p, failures, total).value;
}

/** Log of the evidence that the proportion was below `p`. Grows with `p`; at most 0 up to the observed proportion. */
export function logEvidenceBelow(p: number, failures: number, total: number): number {
  return logEvidence(TILTS_DOWN, p, failures, total).value;
}

/**
 * The proportion nearest to the observed one against which there is still the needed evidence; `extreme` (0 or 1) when there is
 * not enough even there. Log evidence is convex in p and falls from the extreme to the observed proportion, so Newton's steps from
 * the far side never pass the root: wherever they stop, the bound is on the safe side. Eight halvings first bring it near.
 */
function boundary(tilts: readonly Tilt[], extreme: 0 | 1, failures: number, total: number, needed: number): number {
  let excluded: number = extreme;
  let reached = logEvidence(tilts, excluded, failures, total);
  if (reached.value < needed) return extreme;
  let kept = failures / total;
  for (let step = 0; step < 8; step++) {
    const middle = (excluded + kept) / 2;
    const there = logEvidence(tilts, middle, failures, total);
    if (there.value >= needed) [excluded, reached] = [middle, there];
    else kept = middle;
  }
  for (let step = 0; step < 50; step++) {
    const next = excluded - (reached.value - needed) / reached.slope;
    if (!(Math.abs(next - excluded) > 1e-12 * excluded)) break;
    const there = logEvidence(tilts, next, failures, total);
    if (!(there.value >= needed)) break; // rounding took it past
    [excluded, reached] = [next, there];
  }
  return excluded;
}

/** Log of the mixture at `p`, and its derivative there. Log-sum-exp in one pass: the sums are relative to the largest exponent so far. */
function logEvidence(
  tilts: readonly Tilt[],
  p: number,
  failures: number,
  total: number,
): { readonly value: number; readonly slope: number } {
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let slopes = 0;
  for (const { lambda, growth, logWeight } of tilts) {
    const exponent = logWeight + lambda * failures - total * Math.log1p(p * growth);
    const slope = (-total * growth) / (1 + p * growth);
    if (exponent > largest) {
      const shrink = Math.exp(largest - exponent);
      sum = sum * shrink + 1;
      slopes = slopes * shrink + slope;
      largest = exponent;
    } else if (exponent > largest - 40) {
      const share = Math.exp(exponent - largest);
      sum += share;
      slopes += share * slope;
    }
  }
  return { value: largest + Math.log(sum), slope: slopes / sum };
}
