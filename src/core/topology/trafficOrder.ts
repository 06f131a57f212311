import type { Target } from './target.ts';
import type { TrafficShares } from './traffic.ts';

/** Sums of shares are not exact: what is meant as a tenth is a tenth. */
const ROUNDING = 1e-9;

/** How the traffic of a stage adds up when its targets open in the order of their places. */
export class TrafficOrder {
  /** After so many targets and one: the share of the role of which most is open. Never falls. */
  readonly #open: Float64Array;

  /** `places`: of the targets, one by one. */
  constructor(targets: readonly Target[], places: readonly number[], shares: TrafficShares) {
    const roles: string[] = [];
    const whole: number[] = [];
    // Looked up once for each target, in the order in which they lie: a fleet is large.
    const roleOf = new Uint32Array(targets.length);
    const shareOf = new Float64Array(targets.length);
    for (const [index, target] of targets.entries()) {
      const known = roles.indexOf(target.role);
      const role = known === -1 ? roles.push(target.role) - 1 : known;
      roleOf[index] = role;
      shareOf[index] = shares.shareOf(target);
      whole[role] = (whole[role] ?? 0) + (shareOf[index] ?? 0);
    }
    const order = Uint32Array.from(targets, (_, index) => index);
    order.sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
    this.#open = new Float64Array(targets.length);
    const open = whole.map(() => 0);
    let most = 0;
    for (const [count, index] of order.entries()) {
      const role = roleOf[index] ?? 0;
      const sum = (open[role] ?? 0) + (shareOf[index] ?? 0);
      open[role] = sum;
      const all = whole[role] ?? 0;
      if (all > 0) most = Math.max(most, sum / all);
      this.#open[count] = most;
    }
  }

  /**
   * How many targets, from the first on, together take at most this share of the stage's traffic: of no role more than that. At
   * least one, for a wave without anybody would be none.
   */
  countWithin(share: number): number {
    let [low, high] = [0, this.#open.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#open[middle] ?? 0) <= share + ROUNDING) low = middle + 1;
      else high = middle;
    }
    return Math.max(1, low);
  }
}
