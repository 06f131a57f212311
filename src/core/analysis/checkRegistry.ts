import type { Check } from '../policy/pipeline.ts';
import { type ArmCounts, judgeFailureProportion } from './failureProportion.ts';
import type { Verdict } from './verdict.ts';

/** Counts by the service's name for the metric. A metric that no target of the arm reports is left out: that is not the same as 0. */
export type MetricCounts = Readonly<Record<string, number>>;

/** What was measured in one role during one stage, for any kind of check. */
export interface Measured {
  readonly role: string;
  /** This check's share of the rollout's error budget in this role and stage. */
  readonly alpha: number;
  readonly treated: MetricCounts;
  readonly untouched: MetricCounts;
  /** What `untouched` is; see FailureProportionInput. */
  readonly compared: 'at-the-same-time' | 'before';
  readonly exposure: { readonly metric: string; readonly gathered: number; readonly atLeast: number } | null;
}

interface CheckKind<C extends Check> {
  /** Names of the metrics it reads. */
  readonly metrics: (check: C) => readonly string[];
  /** Total: whatever was measured, there is a verdict. */
  readonly judge: (check: C, measured: Measured) => Verdict;
}

/** Every kind of check there is. Adding one is a file of its own and a line here. */
export const checkRegistry: { readonly [K in Check['kind']]: CheckKind<Extract<Check, { kind: K }>> } = {
  failureProportion: {
    metrics: (check) => [check.failures, check.total],
    judge: (check, { role, alpha, treated, untouched, compared, exposure }) => {
      const { missing: _, ...verdict } = judgeFailureProportion({
        check: check.name,
        role,
        events: check.total,
        margin: check.margin,
        alpha,
        treated: armOf(treated, check.failures, check.total),
        untouched: armOf(untouched, check.failures, check.total),
        compared,
        exposure,
      });
      return verdict;
    },
  },
};

/** The metrics a check reads. */
export function metricsOf(check: Check): readonly string[] {
  return checkRegistry[check.kind].metrics(check);
}

/** What a check says of what was measured. */
export function judge(check: Check, measured: Measured): Verdict {
  return checkRegistry[check.kind].judge(check, measured);
}

/** An arm has data only when both metrics are reported: a failure counter that is missing is silence, not health (law 2). */
function armOf(counts: MetricCounts, failures: string, total: string): ArmCounts | null {
  const failed = counts[failures];
  const all = counts[total];
  return failed === undefined || all === undefined ? null : { failures: failed, total: all };
}
