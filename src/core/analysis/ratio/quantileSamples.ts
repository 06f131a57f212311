import type { TargetWindow } from './fleetPast.ts';

/** All values of a metric that one target had in one window. */
export interface TargetValues {
  readonly target: string;
  readonly values: readonly number[];
}

/** The q-quantile of values: the smallest that at least a share of q of them does not exceed. `null` for none. */
export function quantileOf(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}

/** How many of each target's values are above the limit, among all of them: a quantile is worse exactly when that share is. */
export function above(samples: readonly TargetValues[], limit: number): readonly TargetWindow[] {
  return samples.map(({ target, values }) => ({
    target,
    events: values.reduce((count, value) => (value > limit ? count + 1 : count), 0),
    exposure: values.length,
  }));
}
