import { type Blame, blame } from '../../core/analysis/blame.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { type FaultyTarget, suspectsOf, toFault } from '../../core/rollout/suspects.ts';
import type { Tally } from '../../core/rollout/tally.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../../core/topology/dependencyGraph.ts';
import type { Clock } from '../ports/clock.ts';
import type { FaultBook } from './faultBook.ts';

/** Rollouts are looked at many times a second; what was found so long ago still stands. */
const STANDS_MS: DurationMs = 500;
/** In a very large fleet a look takes its time: then there is none for this many times as long, whatever happens. */
const RESTS_TIMES = 20;

interface Found {
  readonly world: World;
  readonly blame: Blame;
  /** As long as the world is the same one. */
  readonly standsUntil: Instant;
  readonly restsUntil: Instant;
}

/** Whose doing is what is wrong now (law 13). Looks at faults first: where nothing is wrong, it costs nothing. */
export class BlameDesk {
  readonly #faults: FaultBook;
  readonly #world: () => World;
  readonly #clock: Clock;
  readonly #found = new Map<string, Found>();

  constructor(faults: FaultBook, world: () => World, clock: Clock) {
    this.#faults = faults;
    this.#world = world;
    this.#clock = clock;
  }

  /** Of every target, or of one service's and its neighbours'. */
  look(service = ''): Blame {
    const [world, from] = [this.#world(), this.#clock.monotonic()];
    const before = this.#found.get(service);
    const stands = before?.world === world && from < before.standsUntil;
    if (before !== undefined && (stands || from < before.restsUntil)) return before.blame;
    const found = this.#lookAnew(world, service);
    const now = this.#clock.monotonic();
    const times = { standsUntil: now + STANDS_MS, restsUntil: now + (now - from) * RESTS_TIMES };
    this.#found.set(service, { ...times, world, blame: found });
    return found;
  }

  #lookAnew(world: World, service: string): Blame {
    const now = this.#clock.now();
    const around = service === '' ? null : neighbourhood(world, service);
    const faulty: FaultyTarget[] = [];
    for (const fault of this.#faults.faults(world.targets, now))
      if (around === null || around.has(fault.target.service)) faulty.push(fault);
    return blame(faulty.map(toFault), suspectsOf(world, faulty, now));
  }

  /** What a rollout is to know of it: where its pipeline wants harm told apart, or its own targets fail. */
  around({ change, pipeline }: Rollout, tally: Tally): Blame | undefined {
    if (this.#faults.isEmpty || (pipeline.neighbours !== 'tellApart' && tally.failed === 0)) return undefined;
    return this.look(change.service);
  }
}

/** The service, all that need it, and what it needs itself: where its changes may do harm. */
function neighbourhood(world: World, service: string): ReadonlySet<string> {
  const graph = graphOf(world);
  const others = [...dependentsOf(graph, service), ...dependenciesOf(graph, service, 1)];
  return new Set([service, ...others.map((neighbour) => neighbour.service)]);
}
