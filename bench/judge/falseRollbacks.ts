import { PastBook } from '../../src/core/analysis/pastBook.ts';
import { RolloutJudge, USUAL_MISS_RATE } from '../../src/core/analysis/rolloutJudge.ts';
import type { FleetKind } from './fleets.ts';
import { healthyRollout, METRIC_KINDS, type Shape } from './healthyRollout.ts';

const ROLE = 'web';
const MINUTE_MS = 60_000;

/** Whether our judge rolls a harmless rollout back at any of its looks, one a minute. */
export function isRolledBack(kind: FleetKind, metrics: number, shape: Shape, seed: number, budget: number): boolean {
  const kinds = METRIC_KINDS.slice(0, metrics);
  const checks = kinds.map(({ check }, index) => check(`m${index}`));
  const judge = new RolloutJudge({ checks, budget, missRate: USUAL_MISS_RATE }, { changed: [ROLE] });
  const book = new PastBook(MINUTE_MS);
  for (const check of checks) book.follow(ROLE, check);
  let at = 0;
  for (const step of healthyRollout(kind, kinds, shape, seed)) {
    if ('begins' in step) {
      judge.begin(at, judge.stage + 1, step.begins, () => book);
      continue;
    }
    at += MINUTE_MS;
    judge.observe({ at, role: ROLE, samples: step }, book);
    book.learn(at, ROLE, step);
    if (judge.failing().length > 0) return true;
  }
  return false;
}
