import type { Opening } from '../rollout/assignment.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { type BlastRadius, reachOpened } from './blastRadius.ts';
import type { Target } from './target.ts';
import type { Reach, TrafficShares } from './traffic.ts';

/** Who is exposed to a rollout at this moment, and who would be if it went on. */
export interface RolloutBlast extends Pick<BlastRadius, 'dependents' | 'dependencies'> {
  /** What it has opened. A rollback leaves that standing until everybody is back. */
  readonly now: Reach;
  /** Once the next stage is open as well; `null`: there is none, or it does not go forward any more. */
  readonly promoted: { readonly stage: string; readonly reach: Reach } | null;
  /** Targets whose traffic nobody knows: each counts as the average of its role. */
  readonly unknownTraffic: number;
}

/** `targets`: those of the roles of the change. */
export function rolloutBlast(
  rollout: Rollout,
  targets: readonly Target[],
  shares: TrafficShares | null,
  around: Pick<RolloutBlast, 'dependents' | 'dependencies'>,
): RolloutBlast {
  const { id, phase, stage, openings, pipeline, rollback } = rollout;
  const reach = (opened: readonly Opening[]) => reachOpened(id, opened, targets, shares);
  const next = pipeline.stages[stage + 1];
  // What is left of the present stage opens before the next one does.
  const whole = pipeline.stages.slice(0, stage + 2).map(({ name, targets: selected }) => {
    return { stage: name, targets: selected, below: 1 };
  });
  const forward = rollback === null && phase !== 'completed';
  return {
    now: reach(phase === 'rolledBack' ? [] : openings),
    promoted: next === undefined || !forward ? null : { stage: next.name, reach: reach(whole) },
    ...around,
    unknownTraffic: shares?.unknown ?? targets.length,
  };
}
