import type { Pipeline } from '../policy/pipeline.ts';
import { stageOf } from '../rollout/planStages.ts';
import type { Target } from './target.ts';

/** Targets that have a label's value in common, and that are all reached at the very end, or never. */
export interface LateCohort {
  readonly label: string;
  readonly value: string;
  readonly targets: number;
  /** The last stage, in which alone they are; `null`: no stage selects any of them. */
  readonly stage: string | null;
}

interface Seen {
  targets: number;
  earliest: number;
}

/** More values than a label of cohorts has: what has so many is a name. */
const MOST_VALUES = 1000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * The cohorts that nothing is known of until it is too late to be careful: what was proven on others proves nothing for them.
 * A label by which the stages themselves select was put in order on purpose, so of it only what no stage selects is named; and one
 * that tells all targets apart is a name, not a cohort.
 */
export function lateCohorts(pipeline: Pipeline, targets: readonly Target[]): readonly LateCohort[] {
  const last = pipeline.stages.length - 1;
  const chosen = new Set(pipeline.stages.flatMap((stage) => Object.keys(stage.targets)));
  const late: LateCohort[] = [];
  for (const [label, values] of seenByLabel(pipeline, targets)) {
    if (!chosen.has(label) && values.size > 1 && values.size === targets.length) continue;
    for (const [value, { targets: count, earliest }] of values) {
      if (earliest === NEVER) late.push({ label, value, targets: count, stage: null });
      else if (earliest === last && last > 0 && !chosen.has(label))
        late.push({ label, value, targets: count, stage: pipeline.stages[last]?.name ?? null });
    }
  }
  return late.sort((a, b) => byReach(a) - byReach(b) || b.targets - a.targets || (a.value < b.value ? -1 : 1));
}

function byReach({ stage }: LateCohort): number {
  return stage === null ? 0 : 1;
}

function seenByLabel(pipeline: Pipeline, targets: readonly Target[]): ReadonlyMap<string, ReadonlyMap<string, Seen>> {
  const labels = new Map<string, Map<string, Seen>>();
  const names = new Set<string>();
  for (const target of targets) {
    const stage = stageOf(pipeline, target.labels) ?? NEVER;
    for (const [label, value] of Object.entries(target.labels)) {
      if (names.has(label)) continue;
      const values = labels.get(label) ?? new Map<string, Seen>();
      labels.set(label, values);
      if (values.size > MOST_VALUES) {
        names.add(label);
        labels.delete(label);
        continue;
      }
      const seen = values.get(value) ?? { targets: 0, earliest: NEVER };
      values.set(value, seen);
      seen.targets++;
      seen.earliest = Math.min(seen.earliest, stage);
    }
  }
  return labels;
}
