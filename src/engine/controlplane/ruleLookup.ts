import type { Change } from '../../core/policy/change.ts';
import type { Conditions } from '../../core/policy/conditions.ts';
import type { RuleConditions } from '../../core/policy/rule.ts';
import type { FleetFacts } from '../../core/policy/ruleFacts.ts';
import { trafficOpened } from '../../core/policy/trafficOpened.ts';
import type { World } from '../../core/record/world.ts';
import { stageOf } from '../../core/rollout/planStages.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Standing } from '../../core/rollout/tally.ts';
import { dependentsOf, graphOf } from '../../core/topology/dependencyGraph.ts';
import { trafficShares } from '../../core/topology/traffic.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rules } from '../ports/rules.ts';
import { CostlyLook } from './costlyLook.ts';
import type { FleetState } from './fleetState.ts';

/**
 * The one way in which rules reach a decision: who evaluates them, and what is around. A look at every target is taken only when a
 * rule asks for what it shows.
 */
export class RuleLookup {
  readonly #rules: Rules;
  readonly #fleetState: FleetState;
  readonly #looks: CostlyLook;

  constructor(rules: Rules, fleetState: FleetState, clock: Clock) {
    this.#looks = new CostlyLook(clock);
    this.#rules = rules;
    this.#fleetState = fleetState;
  }

  forStart(change: Change, startedBy: string): NonNullable<Conditions['rules']> {
    return { judge: this.#rules.judge, startedBy, fleet: whenAsked(() => countFleet(this.#members(change))) };
  }

  /** `targets`: how many the rollout's change is for. */
  of(world: World, { change, pipeline, plan, id }: Rollout, targets: number): RuleConditions {
    const members = once(() => [...this.#members(change)].map(({ target }) => target));
    const shares = () => {
      const service = world.services.get(change.service);
      const rates = this.#fleetState.rates(change.service);
      return service === undefined ? null : trafficShares(service, members(), rates);
    };
    const opened = trafficOpened(id, pipeline, plan, () => ({ targets: members(), shares: shares() }));
    const unstaged = () => members().filter(({ labels }) => stageOf(pipeline, labels) === null).length;
    const around = {
      targets,
      unstaged: () => this.#looks.take(`unstaged ${id}`, unstaged),
      get dependents() {
        return dependentsOf(graphOf(world), change.service).map(({ service }) => service);
      },
      trafficShare: (stage: number, wave: number) =>
        this.#looks.take(`traffic ${id} ${stage}.${wave}`, () => opened(stage, wave)),
      fleet: whenAsked(() => this.#looks.take(`fleet ${id}`, () => countFleet(this.#members(change)))),
    };
    return { judge: this.#rules.judge, around };
  }

  *#members({ service, roles }: Change): Iterable<Standing> {
    const targets = this.#fleetState.targets(service);
    for (let next = targets.next(); next.done !== true; next = targets.next()) {
      const standing = roles.includes(next.value.role) ? this.#fleetState.standing(next.value.uid) : null;
      if (standing !== null) yield standing;
    }
  }
}

function whenAsked(count: () => FleetFacts): FleetFacts {
  const counted = once(count);
  return {
    get targets() {
      return counted().targets;
    },
    get connected() {
      return counted().connected;
    },
    get unhealthy() {
      return counted().unhealthy;
    },
  };
}

function countFleet(members: Iterable<Standing>): FleetFacts {
  const facts = { targets: 0, connected: 0, unhealthy: 0 };
  for (const { connected, failingChecks } of members) {
    facts.targets++;
    if (connected) facts.connected++;
    if (connected && failingChecks.length > 0) facts.unhealthy++;
  }
  return facts;
}

function once<T>(look: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: look() };
    return found.value;
  };
}
