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

/** Whose doing is what is wrong now (law 13). Looks at faults first: where nothing is wrong, it costs nothing. */
export class BlameDesk {
  readonly #faults: FaultBook;
  readonly #world: () => World;
  readonly #clock: Clock;
  readonly #found = new Map<string, { readonly at: Instant; readonly world: World; readonly blame: Blame }>();

  constructor(faults: FaultBook, world: () => World, clock: Clock) {
    this.#faults = faults;
    this.#world = world;
    this.#clock = clock;
  }

  /** Of every target, or of one service's and its neighbours'. */
  look(service?: string): Blame {
    const world = this.#world();
    const now = this.#clock.now();
    const around = service === undefined ? null : neighbourhood(world, service);
    const faulty: FaultyTarget[] = [];
    for (const fault of this.#faults.faults(world.targets, now))
      if (around === null || around.has(fault.target.service)) faulty.push(fault);
    return blame(faulty.map(toFault), suspectsOf(world, faulty, now));
  }

  /** What a rollout is to know of it: where its pipeline wants harm told apart, or its own targets fail. */
  around({ change, pipeline }: Rollout, tally: Tally): Blame | undefined {
    if (this.#faults.isEmpty || (pipeline.neighbours !== 'tellApart' && tally.failed === 0)) return undefined;
    const [world, now] = [this.#world(), this.#clock.monotonic()];
    const before = this.#found.get(change.service);
    if (before !== undefined && before.world === world && now - before.at < STANDS_MS) return before.blame;
    const found = this.look(change.service);
    this.#found.set(change.service, { at: now, world, blame: found });
    return found;
  }
}

/** The service, all that need it, and what it needs itself: where its changes may do harm. */
function neighbourhood(world: World, service: string): ReadonlySet<string> {
  const graph = graphOf(world);
  const others = [...dependentsOf(graph, service), ...dependenciesOf(graph, service, 1)];
  return new Set([service, ...others.map((neighbour) => neighbour.service)]);
}
