import type { Target } from './target.ts';
import type { TrafficShares } from './traffic.ts';

/** A target at its place in the order of a rollout. */
export interface Placed {
  readonly where: number;
  readonly target: Target;
}

/** Sums of shares are not exact: what is meant as a tenth is a tenth. */
const ROUNDING = 1e-9;

/**
 * How many targets, from the first on, together take at most this share of their stage's traffic: of no role more than that.
 * At least one, for a wave without anybody would be none.
 */
export function countWithin(share: number, ordered: readonly Placed[], shares: TrafficShares): number {
  const whole = new Map<string, number>();
  for (const { target } of ordered) add(whole, target, shares);
  const open = new Map<string, number>();
  let count = 0;
  for (const { target } of ordered) {
    const sum = add(open, target, shares);
    const of = whole.get(target.role) ?? 0;
    if (of > 0 && sum / of > share + ROUNDING) break;
    count++;
  }
  return Math.max(1, count);
}

function add(sums: Map<string, number>, target: Target, shares: TrafficShares): number {
  const sum = (sums.get(target.role) ?? 0) + shares.shareOf(target);
  sums.set(target.role, sum);
  return sum;
}
