import { type Fault, HORIZON_MS, type Suspect, type Touch, type TouchedThrough } from '../analysis/blame.ts';
import type { Instant } from '../kernel/instant.ts';
import type { World } from '../record/world.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../topology/dependencyGraph.ts';
import type { Target } from '../topology/target.ts';
import { reachedAt } from './reached.ts';
import type { Rollout } from './rollout.ts';

/** One target that something is wrong with. */
export interface FaultyTarget {
  readonly target: Target;
  /** `null`: nobody knows since when. */
  readonly at: Instant | null;
  /** See {@link Fault}. */
  readonly stays: boolean;
}

/** What targets near each other have in common; the first that is known of both decides. */
const PLACES = ['zone', 'region'] as const;

export function toFault({ target, at, stays }: FaultyTarget): Fault {
  return { target: target.uid, name: target.name, service: target.service, at, stays };
}

/**
 * Every rollout that may have caused these faults: under way, or ended within the horizon of {@link blame}. Looks at every target of
 * each rollout's service, so it is asked only where there is a fault.
 */
export function suspectsOf(world: World, faulty: readonly FaultyTarget[], now: Instant): readonly Suspect[] {
  const related = relations(world, new Set(faulty.map(({ target }) => target.service)));
  return [...world.rollouts.values()].flatMap((rollout) => {
    const { endedAt, reached, change } = rollout;
    const over = endedAt !== null && now - endedAt > HORIZON_MS;
    if (over || reached.length === 0 || ![...related.values()].some((of) => of.has(change.service))) return [];
    return [toSuspect(world, rollout, faulty, related)];
  });
}

/** By the service of a fault: the services whose changes may have come to it, and how. */
type Relations = ReadonlyMap<string, ReadonlyMap<string, TouchedThrough>>;

function relations(world: World, services: ReadonlySet<string>): Relations {
  const graph = graphOf(world);
  return new Map(
    [...services].map((service) => {
      const of = new Map<string, TouchedThrough>();
      for (const neighbour of dependentsOf(graph, service, 1)) of.set(neighbour.service, 'neededBy');
      for (const neighbour of dependenciesOf(graph, service)) of.set(neighbour.service, 'needs');
      return [service, of.set(service, 'itself')];
    }),
  );
}

function toSuspect(world: World, rollout: Rollout, faulty: readonly FaultyTarget[], related: Relations): Suspect {
  const { id, change, phase, endedAt, kept } = rollout;
  const spread = spreadOf(world, rollout);
  const touched = new Map<string, Touch>();
  for (const { target } of faulty) {
    const through = related.get(target.service)?.get(change.service);
    if (through === undefined) continue;
    const own = reachedAt(rollout, target);
    if (own !== null) touched.set(target.uid, { at: [own], through: 'itself' });
    else if (through !== 'itself') near(touched, spread, target, through);
    // Another role of the same service: what they are for each other is not known, but they are.
    else if (!change.roles.includes(target.role)) near(touched, spread, target, 'needs');
  }
  return {
    rollout: id,
    touched,
    share: spread.share,
    // What cannot be undone was only stopped: it stays where it is.
    backAt: phase === 'rolledBack' && kept === undefined ? endedAt : null,
    completed: endedAt !== null && (phase === 'completed' || kept !== undefined),
  };
}

function near(touched: Map<string, Touch>, spread: Spread, target: Target, through: TouchedThrough): void {
  const at = [...(spread.times.get(placeOf(spread, target)) ?? [])].sort((a, b) => a - b);
  if (at.length > 0) touched.set(target.uid, { at, through });
}

/** Where and when a rollout came to its service. */
interface Spread {
  /** By place, the times at which more of it was reached there; under the empty text, of all places. */
  readonly times: ReadonlyMap<string, ReadonlySet<Instant>>;
  /** Places in which the service has any target, reached or not. */
  readonly places: ReadonlySet<string>;
  readonly share: number;
}

function spreadOf(world: World, rollout: Rollout): Spread {
  const times = new Map<string, Set<Instant>>([['', new Set()]]);
  const places = new Set<string>();
  const counts = { reached: 0, all: 0 };
  for (const target of world.targets.values()) {
    if (target.service !== rollout.change.service) continue;
    counts.all++;
    const at = reachedAt(rollout, target);
    if (at !== null) counts.reached++;
    for (const key of ['', ...placesOf(target)]) {
      places.add(key);
      if (at !== null) times.set(key, (times.get(key) ?? new Set()).add(at));
    }
  }
  return { times, places, share: counts.all === 0 ? 0 : counts.reached / counts.all };
}

/** The smallest place of a target in which the other service is too. */
function placeOf({ places }: Spread, target: Target): string {
  return placesOf(target).find((key) => places.has(key)) ?? '';
}

function placesOf({ labels }: Target): readonly string[] {
  return PLACES.flatMap((label) => (labels[label] === undefined ? [] : [`${label}=${labels[label]}`]));
}
