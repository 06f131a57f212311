import { RolloutJudge, USUAL_MISS_RATE } from '../../src/core/analysis/rolloutJudge.ts';
import type { FleetKind } from './fleets.ts';
import { healthyRollout, METRIC_KINDS, type Shape } from './healthyRollout.ts';

/** Whether our judge rolls a harmless rollout back at any of its looks, one a minute. */
export function isRolledBack(kind: FleetKind, metrics: number, shape: Shape, seed: number, budget: number): boolean {
  const kinds = METRIC_KINDS.slice(0, metrics);
  const checks = kinds.map(({ check }, index) => check(`m${index}`));
  const judge = new RolloutJudge({ checks, budget, missRate: USUAL_MISS_RATE });
  let began = false;
  for (const step of healthyRollout(kind, kinds, shape, seed)) {
    if ('begins' in step) {
      began = true;
      judge.begin(step.begins);
      continue;
    }
    judge.observe(step);
    if (began && judge.failing().length > 0) return true;
  }
  return false;
}
