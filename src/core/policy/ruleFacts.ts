import type { Instant } from '../kernel/instant.ts';
import type { PlannedStage } from '../rollout/rollout.ts';
import type { Change } from './change.ts';

/** What a rule may look at: the opening that is asked for, and everything around it. Counts are of targets. */
export interface RuleFacts {
  readonly change: {
    readonly name: string;
    readonly digest: string;
    readonly service: string;
    readonly roles: readonly string[];
    readonly slots: readonly string[];
    readonly author: string;
    readonly reason: string;
    /** Empty: the change names none. */
    readonly newPath: string;
  };
  readonly plan: {
    readonly pipeline: string;
    readonly targets: number;
    readonly unstaged: number;
    readonly stages: readonly StageFacts[];
  };
  /** The stage that would open, or go on opening. */
  readonly stage: StageFacts;
  /** The wave that would open; its targets are those of the stage up to and with it. */
  readonly wave: { readonly number: number; readonly count: number; readonly targets: number; readonly last: boolean };
  /** Who could be hurt once it is open: everything opened so far counts. */
  readonly blast: {
    readonly targets: number;
    readonly shareOfTargets: number;
    readonly dependents: readonly string[];
  };
  readonly fleet: FleetFacts;
  readonly rollout: { readonly id: string; readonly startedBy: string; readonly startedAt: Instant };
  readonly now: Instant;
}

export interface StageFacts {
  readonly name: string;
  /** From 1. */
  readonly number: number;
  readonly targets: number;
  /** Of all targets that the change is for, staged or not, in [0, 1]. */
  readonly shareOfTargets: number;
  readonly last: boolean;
}

/** The change's targets as they are at this moment. */
export interface FleetFacts {
  readonly targets: number;
  readonly connected: number;
  /** Connected, and their own checks fail. */
  readonly unhealthy: number;
}

export interface Opening {
  readonly change: Change;
  readonly pipeline: string;
  readonly plan: readonly PlannedStage[];
  /** Targets of the change that no stage selects. */
  readonly unstaged: number;
  readonly stage: number;
  readonly wave: number;
  readonly dependents: readonly string[];
  readonly fleet: FleetFacts;
  readonly rollout: RuleFacts['rollout'];
}

/** The facts of one opening, the same whether it is planned, started, or comes next. */
export function ruleFacts(opening: Opening, now: Instant): RuleFacts {
  const { change, plan, unstaged, fleet, dependents, rollout } = opening;
  const staged = sum(plan.map(({ targets }) => targets));
  const share = (targets: number) => (staged + unstaged === 0 ? 0 : targets / (staged + unstaged));
  const stages = plan.map(({ name, targets }, index) => ({
    name,
    number: index + 1,
    targets,
    shareOfTargets: share(targets),
    last: index === plan.length - 1,
  }));
  const stage = stages[opening.stage];
  const waves = plan[opening.stage]?.waves ?? [];
  const wave = waves[opening.wave];
  if (stage === undefined || wave === undefined)
    throw new Error(`invariant broken: ${rollout.id} has no wave ${opening.wave} in stage ${opening.stage}`);
  const reached = sum(plan.slice(0, opening.stage).map(({ targets }) => targets)) + wave.targets;
  return {
    change: {
      name: change.name,
      digest: change.digest,
      service: change.service,
      roles: change.roles,
      slots: Object.keys(change.slots),
      author: change.author,
      reason: change.reason,
      newPath: change.newPath ?? '',
    },
    plan: { pipeline: opening.pipeline, targets: staged, unstaged, stages },
    stage,
    wave: {
      number: opening.wave + 1,
      count: waves.length,
      targets: wave.targets,
      last: opening.wave === waves.length - 1,
    },
    blast: { targets: reached, shareOfTargets: share(reached), dependents },
    fleet,
    rollout,
    now,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
