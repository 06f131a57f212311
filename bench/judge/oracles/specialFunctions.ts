/** log Γ(x) for x > 0 (Lanczos, 14 digits and more). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const base = z + LANCZOS_G + 0.5;
  const sum = LANCZOS.reduce(
    (total, coefficient, index) => total + (index === 0 ? coefficient : coefficient / (z + index)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(sum);
}

const LANCZOS_G = 7;
const LANCZOS: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** The share of a gamma distribution of shape `a` below `x`: the regularized lower incomplete gamma function. */
export function gammaBelow(a: number, x: number): number {
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** The share above `x`, exact where it is small. */
export function gammaAbove(a: number, x: number): number {
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  if (x <= 0) return 0;
  let term = 1 / a;
  let sum = term;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** Lentz's way of computing a continued fraction: b₀ + a₁/(b₁ + a₂/(b₂ + …)). */
function continuedFraction(b0: number, terms: (n: number) => readonly [a: number, b: number]): number {
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let value = away(b0);
  let [c, d] = [value, 0];
  for (let n = 1; n < 10_000; n++) {
    const [a, b] = terms(n);
    d = 1 / away(b + a * d);
    c = away(b + a / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < EPSILON) break;
  }
  return value;
}

const EPSILON = 1e-15;
const TINY = 1e-300;

function gammaFraction(a: number, x: number): number {
  const fraction = continuedFraction(x + 1 - a, (n) => [-n * (n - a), x + 2 * n + 1 - a]);
  return Math.exp(a * Math.log(x) - x - logGamma(a)) / fraction;
}

/** The share of a beta distribution below `x`: the regularized incomplete beta function. */
export function betaBelow(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2) ? front / (a * betaFraction(a, b, x)) : 1 - front / (b * betaFraction(b, a, 1 - x));
}

function betaFraction(a: number, b: number, x: number): number {
  return continuedFraction(1, (n) => {
    const m = n >> 1;
    const step = n % 2 === 0 ? m * (b - m) : -(a + m) * (a + b + m);
    return [(step * x) / ((a + n - 1) * (a + n)), 1];
  });
}

/** The standard normal distribution function. */
export function normalBelow(x: number): number {
  const tail = 0.5 * gammaAbove(0.5, (x * x) / 2);
  return x < 0 ? tail : 1 - tail;
}

/** Riemann's ζ(s) for s > 1 (Euler and Maclaurin). */
export function zeta(s: number): number {
  const n = 30;
  let sum = 0;
  for (let k = 1; k < n; k++) sum += k ** -s;
  const rest = n ** (1 - s) / (s - 1) + n ** -s / 2 + (s * n ** (-s - 1)) / 12;
  return sum + rest - (s * (s + 1) * (s + 2) * n ** (-s - 3)) / 720;
}

/** Where a function that changes its sign between two places does so, as near as numbers get. */
export function rootOf(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const sign = Math.sign(f(low));
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (Math.sign(f(middle)) === sign) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Where a function with one valley is least. */
export function leastOf(f: (x: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let step = 0; step < 100; step++) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
