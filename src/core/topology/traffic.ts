import type { Service } from './service.ts';
import type { Target } from './target.ts';

/** Where it is known from how much traffic a target takes. */
export type TrafficSource =
  /** A counter of the service, by how fast it rises on each target. */
  | { readonly metric: string }
  /** A label of the targets that holds a number. */
  | { readonly label: string };

/**
 * How the traffic of some targets is shared out. A target has a share of its own role's traffic, for roles are not comparable
 * (law 3): who opens every database proxy reaches everybody, however few requests those count beside the web servers.
 */
export interface TrafficShares {
  /** In [0, 1]; of a role it comes to 1. */
  shareOf(target: Target): number;
  /** Targets of which nobody knows: each counts as the average of its role. */
  readonly unknown: number;
}

/** What some targets come to: how many, their share of all, and of the role's traffic in which that is greatest. */
export interface Reach {
  readonly targets: number;
  /** Of the targets of the change's roles, in [0, 1]. */
  readonly share: number;
  /** In [0, 1]; `null` where nobody knows of any traffic. */
  readonly traffic: number | null;
}

/** What has faded to this, of a whole role, says nothing any more. */
const NOTHING = 1e-9;

/** What each target takes, in the unit of its source; left out where that is not known. */
export function weightsOf(
  source: TrafficSource | undefined,
  targets: readonly Target[],
  rates: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  if (source === undefined) return weights;
  for (const { uid, labels } of targets) {
    const weight = 'metric' in source ? rates.get(uid) : readWeight(labels[source.label]);
    if (weight !== undefined) weights.set(uid, weight);
  }
  return weights;
}

function readWeight(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

/** `null` where nothing is known of any of these targets: they are not said to take the same then. */
export function trafficShares(
  service: Service,
  targets: readonly Target[],
  rates: ReadonlyMap<string, number> = new Map(),
): TrafficShares | null {
  const weights = weightsOf(service.traffic, targets, rates);
  const roles = new Map<string, { known: number; sum: number; targets: number }>();
  for (const { uid, role } of targets) {
    const of = roles.get(role) ?? { known: 0, sum: 0, targets: 0 };
    const weight = weights.get(uid);
    of.targets++;
    of.known += weight === undefined ? 0 : 1;
    of.sum += weight ?? 0;
    roles.set(role, of);
  }
  if (![...roles.values()].some(({ sum }) => sum > NOTHING)) return null;
  const shareOf = ({ uid, role }: Target): number => {
    const of = roles.get(role);
    if (of === undefined) return 0;
    // A role of which nothing has been heard, or nothing but zeros, is shared out evenly.
    if (of.sum <= NOTHING) return 1 / of.targets;
    const average = of.sum / of.known;
    return (weights.get(uid) ?? average) / (average * of.targets);
  };
  return { shareOf, unknown: targets.length - weights.size };
}

/** Adds targets up to what they come to. */
export class ReachSum {
  readonly #shares: TrafficShares | null;
  readonly #byRole = new Map<string, number>();
  #targets = 0;

  constructor(shares: TrafficShares | null) {
    this.#shares = shares;
  }

  add(target: Target): void {
    this.#targets++;
    if (this.#shares === null) return;
    this.#byRole.set(target.role, (this.#byRole.get(target.role) ?? 0) + this.#shares.shareOf(target));
  }

  addAll(other: ReachSum): void {
    this.#targets += other.#targets;
    for (const [role, share] of other.#byRole) this.#byRole.set(role, (this.#byRole.get(role) ?? 0) + share);
  }

  /** `of`: how many targets there are in all. */
  reach(of: number): Reach {
    return {
      targets: this.#targets,
      share: of === 0 ? 0 : this.#targets / of,
      traffic: this.#shares === null ? null : Math.min(1, Math.max(0, ...this.#byRole.values())),
    };
  }
}
