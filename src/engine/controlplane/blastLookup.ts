import type { Instant } from '../../core/kernel/instant.ts';
import type { World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../../core/topology/dependencyGraph.ts';
import { BlastCount, goesForward, type RolloutBlast } from '../../core/topology/rolloutBlast.ts';
import type { Target } from '../../core/topology/target.ts';
import { type TrafficSource, weightOf } from '../../core/topology/traffic.ts';

/** Traffic moves slowly, and whoever watches asks many times a second. */
const KEPT_MS = 10_000;
/** Looked at in one call: a larger fleet is counted over several of them, so that a look holds nobody up. */
const PIECE = 20_000;

interface Counting {
  readonly count: BlastCount;
  /** Those that are still to be looked at, as they were when it began. */
  readonly targets: Iterator<Target>;
  readonly source: TrafficSource | undefined;
}

interface Followed {
  counting: Counting | null;
  /** The newest that was counted to its end. */
  counted: { readonly count: BlastCount; readonly at: Instant } | null;
}

/** Who is exposed to the rollouts that run, worked out while somebody looks. */
export class BlastLookup {
  readonly #rateOf: (uid: string) => number | undefined;
  readonly #followed = new Map<string, Followed>();

  /** `rateOf`: how much of its service's traffic metric a target counts, where that is known. */
  constructor(rateOf: (uid: string) => number | undefined) {
    this.#rateOf = rateOf;
  }

  /** A few seconds old at the most; in a fleet of more than {@link PIECE} targets as many looks. Before its first count ends it is what was planned. */
  of(world: World, rollout: Rollout, now: Instant): RolloutBlast {
    const graph = graphOf(world);
    const { service } = rollout.change;
    const around = { dependents: dependentsOf(graph, service), dependencies: dependenciesOf(graph, service) };
    const followed = this.#follow(world, rollout);
    const { counted } = followed;
    const isFresh = counted !== null && sameReach(counted.count.rollout, rollout) && now - counted.at < KEPT_MS;
    if (!isFresh) this.#countOn(world, rollout, followed, now);
    return followed.counted?.count.blast(around) ?? { ...asPlanned(rollout), ...around };
  }

  #follow(world: World, { id, endedAt }: Rollout): Followed {
    const followed = this.#followed.get(id) ?? { counting: null, counted: null };
    // Of those that are over somebody looks at one now and then, and nothing changes any more.
    for (const other of this.#followed.keys())
      if (other !== id && world.rollouts.get(other)?.endedAt !== null) this.#followed.delete(other);
    if (endedAt === null || this.#followed.size === 0) this.#followed.set(id, followed);
    return followed;
  }

  #countOn(world: World, rollout: Rollout, followed: Followed, now: Instant): void {
    followed.counting ??= {
      count: new BlastCount(rollout),
      targets: world.targets.values(),
      source: world.services.get(rollout.change.service)?.traffic,
    };
    const { count, targets, source } = followed.counting;
    const { service, roles } = rollout.change;
    for (let looked = 0; looked < PIECE; looked++) {
      const { done, value: target } = targets.next();
      if (done === true) {
        followed.counted = { count, at: now };
        followed.counting = null;
        return;
      }
      if (target.service === service && roles.includes(target.role))
        count.add(target, weightOf(source, target, this.#rateOf));
    }
  }
}

function sameReach(a: Rollout, b: Rollout): boolean {
  return a.openings === b.openings && a.phase === b.phase && a.rollback === b.rollback;
}

/** By the targets that there were when it started, which are not looked at again. */
function asPlanned(rollout: Rollout): Omit<RolloutBlast, 'dependents' | 'dependencies'> {
  const { plan, stage, wave, phase } = rollout;
  const all = plan.reduce((sum, { targets }) => sum + targets, 0);
  const before = plan.slice(0, stage).reduce((sum, { targets }) => sum + targets, 0);
  const open = phase === 'rolledBack' ? 0 : before + (plan[stage]?.waves[wave]?.targets ?? 0);
  const next = plan[stage + 1];
  const reach = (targets: number) => ({ targets, share: all === 0 ? 0 : targets / all, traffic: null });
  const whole = before + (plan[stage]?.targets ?? 0) + (next?.targets ?? 0);
  return {
    now: reach(open),
    promoted: next === undefined || !goesForward(rollout) ? null : { stage: next.name, reach: reach(whole) },
    unknownTraffic: all,
  };
}
