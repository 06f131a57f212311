import { isOpened, type Opening } from '../rollout/assignment.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { BlastRadius } from './blastRadius.ts';
import type { Target } from './target.ts';
import { type Reach, TrafficTally } from './traffic.ts';

/** Who is exposed to a rollout at this moment, and who would be if it went on. */
export interface RolloutBlast extends Pick<BlastRadius, 'dependents' | 'dependencies'> {
  /** What it has opened. A rollback leaves that standing until everybody is back. */
  readonly now: Reach;
  /** Once the next stage is open as well; `null`: there is none, or it does not go forward any more. */
  readonly promoted: { readonly stage: string; readonly reach: Reach } | null;
  /** Targets whose traffic nobody knows: each counts as the average of its role. */
  readonly unknownTraffic: number;
}

/** Whether it may still open something. */
export function goesForward({ rollback, endedAt }: Rollout): boolean {
  return rollback === null && endedAt === null;
}

/** Counts who is exposed to a rollout as it stands, target by target: whoever counts a large fleet may do so in pieces. */
export class BlastCount {
  readonly rollout: Rollout;
  readonly #open: readonly Opening[];
  readonly #promoted: { readonly stage: string; readonly open: readonly Opening[] } | null;
  readonly #all = new TrafficTally();
  readonly #now = new TrafficTally();
  readonly #then = new TrafficTally();

  constructor(rollout: Rollout) {
    const { phase, stage, openings, pipeline } = rollout;
    this.rollout = rollout;
    this.#open = phase === 'rolledBack' ? [] : openings;
    const next = pipeline.stages[stage + 1];
    // What is left of the present stage opens before the next one does.
    const reached = pipeline.stages.slice(0, stage + 2);
    const open = reached.map(({ name, targets }) => ({ stage: name, targets, below: 1 }));
    this.#promoted = next === undefined || !goesForward(rollout) ? null : { stage: next.name, open };
  }

  /** A target of the roles of the change, and what it takes, where that is known. */
  add(target: Target, weight: number | undefined): void {
    const { id } = this.rollout;
    this.#all.add(target, weight);
    if (isOpened(id, this.#open, target)) this.#now.add(target, weight);
    if (this.#promoted !== null && isOpened(id, this.#promoted.open, target)) this.#then.add(target, weight);
  }

  /** Of all that were added. */
  blast(around: Pick<RolloutBlast, 'dependents' | 'dependencies'>): RolloutBlast {
    const { stage } = this.#promoted ?? { stage: null };
    return {
      now: this.#all.reachOf(this.#now),
      promoted: stage === null ? null : { stage, reach: this.#all.reachOf(this.#then) },
      ...around,
      unknownTraffic: this.#all.unknown,
    };
  }
}
