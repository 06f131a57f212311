import { budgetOf, type Capacity, type Domain, domainKey } from '../topology/capacity.ts';
import { FirstNamed } from './firstNamed.ts';

/** How one failure domain stands against its floor. */
export interface DomainStanding extends Domain {
  readonly targets: number;
  readonly unavailable: number;
  /** How many may be. */
  readonly budget: number;
  /** The first of the unavailable ones by name, at most {@link NAMED_IN_DOMAIN}. */
  readonly names: readonly string[];
}

export const NAMED_IN_DOMAIN = 5;
/** At most so many domains are told of: those with the least room. */
export const TOLD_DOMAINS = 50;

interface Counted {
  readonly domain: Domain;
  targets: number;
  readonly unavailable: FirstNamed;
}

/** Counts, for every failure domain, its targets and the unavailable ones among them, by adding and taking back single targets. */
export class DomainBook {
  readonly #domains = new Map<string, Counted>();
  /** Keys of those in which somebody is unavailable. */
  readonly #touched = new Set<string>();

  count(uid: string, name: string, domain: Domain, unavailable: boolean, sign: 1 | -1): void {
    const key = domainKey(domain);
    let counted = this.#domains.get(key);
    if (counted === undefined) {
      counted = { domain, targets: 0, unavailable: new FirstNamed() };
      this.#domains.set(key, counted);
    }
    counted.targets += sign;
    if (unavailable && sign === 1) counted.unavailable.add(uid, name);
    if (unavailable && sign === -1) counted.unavailable.delete(uid);
    if (counted.unavailable.size > 0) this.#touched.add(key);
    else this.#touched.delete(key);
    if (counted.targets === 0) this.#domains.delete(key);
  }

  /** How many of its targets may be unavailable. */
  budget(capacity: Capacity, key: string): number {
    return budgetOf(capacity, this.#domains.get(key)?.targets ?? 0);
  }

  /** Every domain, however many there are. */
  all(capacity: Capacity, nameOf: (uid: string) => string): readonly DomainStanding[] {
    return [...this.#domains.keys()].flatMap((key) => this.standing(capacity, key, nameOf) ?? []);
  }

  /** How many more of its targets may become unavailable; below 0 when more are than may be. */
  room(capacity: Capacity, key: string): number {
    const counted = this.#domains.get(key);
    return counted === undefined ? 0 : budgetOf(capacity, counted.targets) - counted.unavailable.size;
  }

  standing(capacity: Capacity, key: string, nameOf: (uid: string) => string): DomainStanding | null {
    const counted = this.#domains.get(key);
    if (counted === undefined) return null;
    const { domain, targets, unavailable } = counted;
    const names = unavailable.first(NAMED_IN_DOMAIN).map(nameOf);
    return { ...domain, targets, unavailable: unavailable.size, budget: budgetOf(capacity, targets), names };
  }

  /** Domains in which somebody is unavailable, those with the least room first. */
  tightest(capacity: Capacity, nameOf: (uid: string) => string): readonly DomainStanding[] {
    const keys = [...this.#touched].map((key) => ({ key, room: this.room(capacity, key) }));
    keys.sort((a, b) => a.room - b.room || (a.key < b.key ? -1 : 1));
    return keys.slice(0, TOLD_DOMAINS).flatMap(({ key }) => this.standing(capacity, key, nameOf) ?? []);
  }
}
