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
    /** `null`: nobody knows it. */
    readonly trafficShare: number | null;
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

/** What surrounds an opening. What costs a look at every target is asked for only when a rule wants it. */
export interface RuleSurroundings {
  /** All targets that the change is for, staged or not. */
  readonly targets: number;
  /** How many of them no stage selects. */
  readonly unstaged: () => number;
  readonly dependents: readonly string[];
  /** The share of the service's traffic that is open once this is; `null`: nobody knows it. */
  readonly trafficShare: (stage: number, wave: number) => number | null;
  readonly fleet: FleetFacts;
}

/** What is asked about: a wave of a stage of a planned rollout. */
export interface AskedOpening {
  readonly change: Change;
  readonly pipeline: string;
  readonly plan: readonly PlannedStage[];
  readonly rollout: RuleFacts['rollout'];
  readonly stage: number;
  readonly wave: number;
}

/** The facts of one opening, the same whether it is planned, started, or comes next. */
export function ruleFacts(asked: AskedOpening, around: RuleSurroundings, now: Instant): RuleFacts {
  const { change, plan, rollout } = asked;
  const share = (targets: number) => (around.targets === 0 ? 0 : Math.min(1, targets / around.targets));
  const stages = plan.map(({ name, targets }, index) => ({
    name,
    number: index + 1,
    targets,
    shareOfTargets: share(targets),
    last: index === plan.length - 1,
  }));
  const stage = stages[asked.stage];
  const waves = plan[asked.stage]?.waves ?? [];
  const wave = waves[asked.wave];
  if (stage === undefined || wave === undefined)
    throw new Error(`invariant broken: ${rollout.id} has no wave ${asked.wave} in stage ${asked.stage}`);
  const reached = sum(plan.slice(0, asked.stage)) + wave.targets;
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
    plan: {
      pipeline: asked.pipeline,
      targets: sum(plan),
      get unstaged() {
        return around.unstaged();
      },
      stages,
    },
    stage,
    wave: { number: asked.wave + 1, count: waves.length, targets: wave.targets, last: asked.wave === waves.length - 1 },
    blast: {
      targets: reached,
      shareOfTargets: share(reached),
      get trafficShare() {
        return around.trafficShare(asked.stage, asked.wave);
      },
      dependents: around.dependents,
    },
    fleet: around.fleet,
    rollout,
    now,
  };
}

function sum(stages: readonly PlannedStage[]): number {
  return stages.reduce((total, { targets }) => total + targets, 0);
}
