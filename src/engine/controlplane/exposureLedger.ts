import type { MetricCounts } from '../../core/analysis/checkRegistry.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import { stageOf } from '../../core/rollout/planStages.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Measurement } from '../ports/figures.ts';
import type { MeasuredWindow } from '../ports/store.ts';

/** What was counted, and what was in force meanwhile. */
type Observation = Pick<Measurement, 'metric'> & NonNullable<Measurement['under']>;
type Arm = MeasuredWindow['arm'];

/** The name under which the untouched arm's past is kept: what it counted before the rollout and during all of it. */
export const PAST = '';

/**
 * What treated and untouched targets have counted during one rollout, per stage, role and metric. Treated targets count for the
 * stage they belong to; an untouched one counts for every stage opened so far, so that both arms of a stage cover the same time.
 */
export class ExposureLedger {
  readonly rollout: string;
  /** stage name → role → arm → metric → count. */
  readonly #counts = new Map<string, number>();
  /** What has not been stored yet. */
  readonly #unsaved = new Map<string, number>();

  constructor(rollout: string, saved: readonly MeasuredWindow[]) {
    this.rollout = rollout;
    for (const window of saved)
      add(this.#counts, keyOf(window.stage, window.role, window.arm, window.metric), window.count);
  }

  /** Counts what one target added since it was last heard of. `delta` is not negative. */
  count(rollout: Rollout, target: Target, observation: Observation, delta: number): void {
    const { change, pipeline, stage: present } = rollout;
    // A target with several slots of the change reports the same counters for each; one of them speaks for all.
    const slots = Object.keys(change.slots).filter((slot) => rollout.slotRoles[slot]?.includes(target.role));
    const [slot] = slots.sort();
    if (slot !== observation.slot || rollout.openings.length === 0) return;
    if (observation.artifact === change.slots[slot]) {
      const own = stageOf(pipeline, target.labels);
      const stage = own !== null && own <= present ? pipeline.stages[own] : undefined;
      if (stage !== undefined) this.#add(stage.name, target.role, 'treated', observation.metric, delta);
      return;
    }
    this.#add(PAST, target.role, 'untouched', observation.metric, delta);
    for (const { name } of pipeline.stages.slice(0, present + 1))
      this.#add(name, target.role, 'untouched', observation.metric, delta);
  }

  /** What a role had counted before the rollout began. */
  countPast(role: string, metric: string, count: number): void {
    this.#add(PAST, role, 'untouched', metric, count);
  }

  /** A metric that no target of the arm has reported is not in it: that is not the same as 0. */
  counts(stage: string, role: string, arm: Arm, metrics: Iterable<string>): MetricCounts {
    const counts: Record<string, number> = {};
    for (const metric of metrics) {
      const count = this.#counts.get(keyOf(stage, role, arm, metric));
      if (count !== undefined) counts[metric] = count;
    }
    return counts;
  }

  /** What was counted since the last call, for the store. */
  takeUnsaved(at: Instant): readonly MeasuredWindow[] {
    const windows = [...this.#unsaved].map(([key, count]) => {
      const [stage = '', role = '', arm = 'untouched', metric = ''] = key.split('\n');
      return { rollout: this.rollout, stage, role, arm: arm as Arm, metric, at, count };
    });
    this.#unsaved.clear();
    return windows;
  }

  #add(stage: string, role: string, arm: Arm, metric: string, delta: number): void {
    const key = keyOf(stage, role, arm, metric);
    add(this.#counts, key, delta);
    add(this.#unsaved, key, delta);
  }
}

function keyOf(stage: string, role: string, arm: Arm, metric: string): string {
  return `${stage}\n${role}\n${arm}\n${metric}`;
}

function add(counts: Map<string, number>, key: string, delta: number): void {
  counts.set(key, (counts.get(key) ?? 0) + delta);
}
