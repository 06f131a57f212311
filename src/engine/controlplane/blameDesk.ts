import { type Blame, blame } from '../../core/analysis/blame.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { type FaultyTarget, suspectsOf, toFault } from '../../core/rollout/suspects.ts';
import type { Tally } from '../../core/rollout/tally.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../../core/topology/dependencyGraph.ts';
import type { Clock } from '../ports/clock.ts';
import { CostlyLook } from './costlyLook.ts';
import type { FaultBook } from './faultBook.ts';

/** Rollouts are looked at many times a second; what was found so long ago still stands. */
const STANDS_MS: DurationMs = 500;

/** Whose doing is what is wrong now (law 13). Looks at faults first: where nothing is wrong, it costs nothing. */
export class BlameDesk {
  readonly #faults: FaultBook;
  readonly #world: () => World;
  readonly #clock: Clock;
  readonly #looks: CostlyLook;

  constructor(faults: FaultBook, world: () => World, clock: Clock) {
    this.#faults = faults;
    this.#world = world;
    this.#clock = clock;
    this.#looks = new CostlyLook(clock);
  }

  /** Of every target, or of one service's and its neighbours'. */
  look(service = ''): Blame {
    return this.#looks.take(service, () => this.#lookAnew(service), STANDS_MS);
  }

  #lookAnew(service: string): Blame {
    const [world, now] = [this.#world(), this.#clock.now()];
    const around = service === '' ? null : neighbourhood(world, service);
    const faulty: FaultyTarget[] = [];
    for (const fault of this.#faults.faults(world.targets, now))
      if (around === null || around.has(fault.target.service)) faulty.push(fault);
    return blame(faulty.map(toFault), suspectsOf(world, faulty, now), now);
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
