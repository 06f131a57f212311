import type { Instant } from '../../core/kernel/instant.ts';
import type { World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../../core/topology/dependencyGraph.ts';
import { type RolloutBlast, rolloutBlast } from '../../core/topology/rolloutBlast.ts';
import { trafficShares } from '../../core/topology/traffic.ts';

/** Whoever watches asks many times a second, and a look goes through all targets of the change. */
const KEPT_MS = 10_000;

interface Kept {
  readonly rollout: Rollout;
  readonly at: Instant;
  readonly blast: RolloutBlast;
}

/** Who is exposed to a rollout now: worked out when somebody looks, and kept for a few seconds unless the rollout moves. */
export class BlastLookup {
  readonly #ratesOf: (service: string) => ReadonlyMap<string, number>;
  readonly #kept = new Map<string, Kept>();

  /** `ratesOf`: how much traffic each target of a service takes, of those of which it is known. */
  constructor(ratesOf: (service: string) => ReadonlyMap<string, number>) {
    this.#ratesOf = ratesOf;
  }

  of(world: World, rollout: Rollout, now: Instant): RolloutBlast {
    const kept = this.#kept.get(rollout.id);
    if (kept !== undefined && sameReach(kept.rollout, rollout) && now - kept.at < KEPT_MS) return kept.blast;
    const { service: name, roles } = rollout.change;
    const service = world.services.get(name);
    const targets = [...world.targets.values()].filter(
      (target) => target.service === name && roles.includes(target.role),
    );
    const shares = service === undefined ? null : trafficShares(service, targets, this.#ratesOf(name));
    const graph = graphOf(world);
    const around = { dependents: dependentsOf(graph, name), dependencies: dependenciesOf(graph, name) };
    const blast = rolloutBlast(rollout, targets, shares, around);
    // Of those that are over somebody looks at one now and then.
    for (const id of this.#kept.keys()) if (world.rollouts.get(id)?.endedAt !== null) this.#kept.delete(id);
    if (rollout.endedAt === null) this.#kept.set(rollout.id, { rollout, at: now, blast });
    return blast;
  }
}

function sameReach(a: Rollout, b: Rollout): boolean {
  return a.openings === b.openings && a.phase === b.phase && a.rollback === b.rollback;
}
