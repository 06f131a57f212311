import { overspent } from '../../src/core/analysis/spentBudget.ts';
import { type HealthyCase, healthyRollout, metricName } from './healthyRollout.ts';
import { Judging } from './judging.ts';

/** Of how many metrics a rollout is judged: by the first one, the first four, and all. */
export const METRICS: readonly number[] = [1, 4, 10];

/**
 * Whether our judge rolls a harmless rollout back at any of its looks, one a minute: with each number of metrics, all on the same rollout.
 * Each metric is judged once, and its evidence put on as many budgets.
 */
export function rolledBack(healthy: HealthyCase, seed: number, budget: number): readonly boolean[] {
  const judging = new Judging(healthy.metrics.map(({ check }, index) => check(metricName(index))));
  const found = METRICS.map(() => false);
  let began = false;
  for (const step of healthyRollout(healthy, seed)) {
    if ('begins' in step) {
      began = true;
      judging.begin(step.begins);
      continue;
    }
    judging.observe(step);
    if (!began) continue;
    const evidence = judging.harm();
    for (const [index, metrics] of METRICS.entries()) {
      const asked = evidence.slice(0, metrics).map((nats) => ({ weight: 1 / metrics, evidence: nats }));
      if (overspent(asked, budget).length > 0) found[index] = true;
    }
    if (found.every((each) => each)) break;
  }
  return found;
}
