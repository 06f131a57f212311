/** One target beyond the present border, in the order of places. */
export interface Candidate {
  readonly place: number;
  /** Key of its failure domain; `null` where the service asks for no floor. */
  readonly domain: string | null;
  /** It counts against its domain already: ordering it takes nothing more away. */
  readonly unavailable: boolean;
}

/** What may be taken at the most. */
export interface Room {
  /** How many more may be under way at once. */
  readonly concurrency: number;
  /** How many more targets of a domain may become unavailable; below 0 when more are than may be. */
  readonly domain: (key: string) => number;
}

/** How far a part of the fleet can be ordered to move now. */
export interface Border {
  /** The targets whose place is below this; `to` where all of them fit. */
  readonly below: number;
  /** How many targets lie between where it was and this. */
  readonly targets: number;
  /** What kept it from going further: a domain without room, as many as may be under way at once, or `null` for nothing. */
  readonly stop: { readonly kind: 'domain'; readonly key: string } | { readonly kind: 'enough' } | null;
}

/**
 * A step is not taken for each target that comes to rest: it adds a good part of what is under way, or all that is left, for each
 * step is told to the fleet.
 */
export function isWorthIt({ targets, stop }: Border, moving: number): boolean {
  return stop === null || moving === 0 || targets * 4 >= moving + targets;
}

/** At most so many targets are walked past at a time: one look at the fleet stays short, however large the fleet. */
export const LONGEST_STEP = 20_000;

/**
 * Law 11: walks the targets in the order of their places and stops before the first one that would take its domain, or the number
 * under way, beyond what it may be. A domain in which too many are unavailable stops the walk even at a target that is one of them:
 * it would move as soon as it comes back, and so would all the others. Costs no more than the targets it walks past.
 */
export function nextBorder(candidates: Iterable<Candidate>, room: Room, to: number): Border {
  const taken = new Map<string, number>();
  let targets = 0;
  // Targets with the same place cannot be told apart by a border: they move together or not at all.
  let last = { place: -1, targets: 0 };
  const stopAt = (place: number, stop: Border['stop']): Border => ({
    below: place,
    targets: place === last.place ? targets - last.targets : targets,
    stop,
  });
  for (const { place, domain, unavailable } of candidates) {
    if (targets >= Math.min(room.concurrency, LONGEST_STEP)) return stopAt(place, { kind: 'enough' });
    if (domain !== null) {
      const takes = (taken.get(domain) ?? 0) + (unavailable ? 0 : 1);
      if (takes > room.domain(domain) || room.domain(domain) < 0) return stopAt(place, { kind: 'domain', key: domain });
      taken.set(domain, takes);
    }
    targets++;
    last = { place, targets: place === last.place ? last.targets + 1 : 1 };
  }
  return { below: to, targets, stop: null };
}
