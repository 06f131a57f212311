import type { Verdict } from '../../core/analysis/verdict.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';

/** What an ended rollout was decided on: nothing that is counted afterwards changes it. */
export function lastVerdicts({ rollback, evidence }: Rollout): readonly Verdict[] {
  return rollback?.verdicts ?? evidence.at(-1)?.verdicts ?? [];
}
