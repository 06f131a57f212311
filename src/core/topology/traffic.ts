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

/** What a target takes, in the unit of its source; `undefined` where that is not known. */
export function weightOf(
  source: TrafficSource | undefined,
  { uid, labels }: Target,
  rateOf: (uid: string) => number | undefined,
): number | undefined {
  if (source === undefined) return undefined;
  return 'metric' in source ? rateOf(uid) : readWeight(labels[source.label]);
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
  const whole = new TrafficTally();
  const weight = (target: Target) => weightOf(service.traffic, target, (uid) => rates.get(uid));
  for (const target of targets) whole.add(target, weight(target));
  if (!whole.isKnown) return null;
  return { shareOf: (target) => whole.shareOf(target.role, weight(target)), unknown: whole.unknown };
}

interface RoleTraffic {
  targets: number;
  /** Of how many of them the weight is known, and what these come to. */
  known: number;
  sum: number;
}

/** What some targets take together, role by role. Adding is all that grows with the fleet. */
export class TrafficTally {
  readonly #roles = new Map<string, RoleTraffic>();
  #targets = 0;
  #known = 0;

  add({ role }: Target, weight: number | undefined): void {
    const of = this.#roles.get(role) ?? { targets: 0, known: 0, sum: 0 };
    this.#roles.set(role, of);
    this.#targets++;
    of.targets++;
    if (weight === undefined) return;
    this.#known++;
    of.known++;
    of.sum += weight;
  }

  get unknown(): number {
    return this.#targets - this.#known;
  }

  /** Whether anything is known of any role. */
  get isKnown(): boolean {
    return [...this.#roles.values()].some(({ sum }) => sum > NOTHING);
  }

  /** What one target of the role has of all that the role takes. */
  shareOf(role: string, weight: number | undefined): number {
    const of = this.#roles.get(role);
    const one = { targets: 1, known: weight === undefined ? 0 : 1, sum: weight ?? 0 };
    return of === undefined ? 0 : shareOfRole(one, of);
  }

  /** How far a part of these targets reaches. */
  reachOf(part: TrafficTally): Reach {
    const share = this.#targets === 0 ? 0 : part.#targets / this.#targets;
    if (!this.isKnown) return { targets: part.#targets, share, traffic: null };
    let traffic = 0;
    for (const [role, whole] of this.#roles) {
      const of = part.#roles.get(role);
      if (of !== undefined) traffic = Math.max(traffic, shareOfRole(of, whole));
    }
    return { targets: part.#targets, share, traffic: wholeAt1(traffic) };
  }
}

/** A role of which nothing has been heard, or nothing but zeros, is shared out evenly. */
function shareOfRole(part: RoleTraffic, whole: RoleTraffic): number {
  if (whole.sum <= NOTHING) return part.targets / whole.targets;
  const average = whole.sum / whole.known;
  return (part.sum + (part.targets - part.known) * average) / (average * whole.targets);
}

/** Many shares added up miss 1 by their rounding; all of it is 1. */
function wholeAt1(share: number): number {
  return share > 1 - NOTHING ? 1 : share;
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
      traffic: this.#shares === null ? null : wholeAt1(Math.max(0, ...this.#byRole.values())),
    };
  }
}
