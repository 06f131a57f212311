import { betaBinomialMixture } from './mixtures.ts';
import { leastOf } from './specialFunctions.ts';

/**
 * How surprising two samples are if both have the same p-quantile, at any time: for every value that it might be, each arm's evidence
 * against that many of its values lying below; the least of their sum counts. Where a value lies on an arm's own quantile, that arm speaks for it.
 * Howard, Ramdas: Sequential estimation of quantiles, 2022, section 5.
 */
export function quantileComparison(
  p: number,
  a: readonly number[],
  b: readonly number[],
  tuned: { readonly count: number; readonly alpha: number },
): number {
  const mixture = betaBinomialMixture({ v: tuned.count * p * (1 - p), alpha: tuned.alpha }, p, 1 - p, 2);
  const arms = [a, b].map((values) => {
    const sorted = values.toSorted((x, y) => x - y);
    const evidence = (below: number) => mixture.log((below - p) * sorted.length, p * (1 - p) * sorted.length);
    const calm = leastOf(evidence, 1e-9, 1 - 1e-9);
    const [from, to] = [
      sorted[Math.ceil(calm * sorted.length) - 1] ?? 0,
      sorted[Math.floor(calm * sorted.length)] ?? 0,
    ];
    return {
      at: (value: number) => {
        if (value < from) return evidence(sorted.filter((one) => one <= value).length / sorted.length);
        if (value > to) return evidence(sorted.filter((one) => one < value).length / sorted.length);
        return evidence(calm);
      },
      from,
      to,
    };
  });
  const [low, high] = [Math.min(...arms.map(({ to }) => to)), Math.max(...arms.map(({ from }) => from))];
  const places = [low, high, ...a, ...b].filter(
    (value) => value >= Math.min(low, high) && value <= Math.max(low, high),
  );
  const least = Math.min(...places.map((value) => arms.reduce((sum, arm) => sum + arm.at(value), 0)));
  return Math.min(1, Math.exp(-least));
}
