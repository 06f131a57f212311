/**
 * Confidence sequences for the mean of values in [0, 1], by bets that are chosen from what was seen before.
 * Waudby-Smith, Ramdas: Estimating means of bounded random variables by betting (JRSS B, 2024): propositions 1 (Hoeffding), theorem 2
 * (empirical Bernstein), theorem 3 (hedged capital). Each gives the interval after the last value.
 */

/** √(2 log(1/α) / (σ² t log(1 + t))) with the variance estimated from the values before, one made-up value at 1/2 among them. */
function bets(values: readonly number[], alpha: number): readonly number[] {
  let [sum, squares, variance] = [0.5, 0.25, 0.25];
  return values.map((value, index) => {
    const t = index + 1;
    const bet = Math.sqrt((-2 * Math.log(alpha)) / (t * Math.log1p(t) * variance));
    sum += value;
    squares += (value - sum / (t + 1)) ** 2;
    variance = squares / (t + 1);
    return bet;
  });
}

/** The lower bound of a predictable mixture: bets λ, and what each costs. */
function lowerBound(
  values: readonly number[],
  lambdas: readonly number[],
  cost: (index: number) => number,
  alpha: number,
): number {
  let [weight, weighed, costs] = [0, 0, -Math.log(alpha)];
  for (const [index, value] of values.entries()) {
    const lambda = lambdas[index] ?? 0;
    weight += lambda;
    weighed += lambda * value;
    costs += cost(index);
  }
  return (weighed - costs) / weight;
}

type Lower = (values: readonly number[], alpha: number) => number;

const hoeffdingLower: Lower = (values, alpha) => {
  const lambdas = values.map((_, index) =>
    Math.min(1, Math.sqrt((-8 * Math.log(alpha)) / ((index + 1) * Math.log1p(index + 1)))),
  );
  return lowerBound(values, lambdas, (index) => (lambdas[index] ?? 0) ** 2 / 8, alpha);
};

const bernsteinLower: Lower = (values, alpha) => {
  const lambdas = bets(values, alpha).map((bet) => Math.min(0.5, bet));
  let [sum, before] = [0, 0];
  const squares = values.map((value, index) => {
    const square = (value - before) ** 2;
    sum += value;
    before = sum / (index + 1);
    return square;
  });
  const cost = (index: number) => {
    const lambda = lambdas[index] ?? 0;
    return (squares[index] ?? 0) * (-Math.log1p(-lambda) - lambda);
  };
  return lowerBound(values, lambdas, cost, alpha);
};

function bothSides(lower: Lower, values: readonly number[], alpha: number): readonly [number, number] {
  const turned = values.map((value) => 1 - value);
  return [Math.max(0, lower(values, alpha / 2)), Math.min(1, 1 - lower(turned, alpha / 2))];
}

export function hoeffdingSequence(values: readonly number[], alpha: number): readonly [number, number] {
  return bothSides(hoeffdingLower, values, alpha);
}

export function bernsteinSequence(values: readonly number[], alpha: number): readonly [number, number] {
  return bothSides(bernsteinLower, values, alpha);
}

/**
 * Two gamblers, one betting on each side with half of `alpha`, on a grid of means. A mean stays in while neither has made 2/α. The interval is
 * the one of the last moment, a step of the grid wider on both sides.
 */
export function hedgedSequence(values: readonly number[], alpha: number, grid: number): readonly [number, number] {
  const lambdas = bets(values, alpha / 2);
  const isIn = (mean: number) => {
    let [up, down] = [1, 1];
    for (const [index, value] of values.entries()) {
      const lambda = lambdas[index] ?? 0;
      up *= 1 + Math.min(lambda, 0.5 / mean) * (value - mean);
      down *= 1 - Math.min(lambda, 0.5 / (1 - mean)) * (value - mean);
    }
    return Math.max(up, down) <= 2 / alpha;
  };
  const kept = Array.from({ length: grid + 1 }, (_, index) => index / grid).filter(isIn);
  return [Math.max(0, (kept[0] ?? 0) - 1 / grid), Math.min(1, (kept.at(-1) ?? 1) + 1 / grid)];
}
