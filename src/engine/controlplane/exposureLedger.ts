import { type TargetSample, totalOf } from '../../core/analysis/targetSample.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { MeasuredWindow } from '../ports/store.ts';

/**
 * What treated targets have counted during one rollout, per stage, role and metric (law 4). A target counts for the stage that it belongs
 * to.
 */
export class ExposureLedger {
  readonly rollout: string;
  /** stage name → role → metric → count. */
  readonly #counts = new Map<string, number>();
  /** What has not been stored yet. */
  readonly #unsaved = new Map<string, number>();

  constructor(rollout: string, saved: readonly MeasuredWindow[]) {
    this.rollout = rollout;
    for (const { stage, role, arm, metric, count } of saved)
      if (arm === 'treated') add(this.#counts, keyOf(stage, role, metric), count);
  }

  /** Takes in what one treated target measured in one window, of the metrics that count as exposure. */
  count(stage: string, role: string, { values }: TargetSample, metrics: readonly string[]): void {
    for (const metric of metrics) {
      const total = totalOf(values.get(metric));
      if (total === null) continue;
      const key = keyOf(stage, role, metric);
      add(this.#counts, key, total.sum);
      add(this.#unsaved, key, total.sum);
    }
  }

  /** What treated targets have counted in a stage. */
  countOf(stage: string, role: string, metric: string): number {
    return this.#counts.get(keyOf(stage, role, metric)) ?? 0;
  }

  /** What was counted since the last call, for the store. */
  takeUnsaved(at: Instant): readonly MeasuredWindow[] {
    const windows = [...this.#unsaved].map(([key, count]) => {
      const [stage = '', role = '', metric = ''] = key.split('\n');
      return { rollout: this.rollout, stage, role, arm: 'treated' as const, metric, at, count };
    });
    this.#unsaved.clear();
    return windows;
  }
}

function keyOf(stage: string, role: string, metric: string): string {
  return `${stage}\n${role}\n${metric}`;
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
