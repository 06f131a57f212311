import { formatCount, formatPoints, formatShare } from './figures.ts';
import { logEvidenceAbove, logEvidenceBelow, lowerBound, upperBound } from './proportionBounds.ts';
import type { Verdict, VerdictArm, VerdictOutcome } from './verdict.ts';

/** What one arm gathered. */
export interface ArmCounts {
  readonly failures: number;
  readonly total: number;
}

export interface FailureProportionInput {
  readonly check: string;
  readonly role: string;
  /** What is counted, in the plural, as people call it: `requests`. */
  readonly events: string;
  /** The most by which the treated share may exceed the untouched one, in [0, 1]. */
  readonly margin: number;
  /** This check's share of the rollout's error budget, in (0, 1). See errorBudget.ts. */
  readonly alpha: number;
  /** Counted since the stage began on targets that hold the candidate; `null` when none of them reports the metrics. */
  readonly treated: ArmCounts | null;
  /** Counted on targets of the same role that the rollout has not touched; `null` when none of them reports the metrics. */
  readonly untouched: ArmCounts | null;
  /**
   * `at-the-same-time`: both arms since the stage began. `before`: nothing is left untouched, and the other arm is what the fleet
   * itself did before; a change of the hour is then no longer told apart from a change of the revision.
   */
  readonly compared: 'at-the-same-time' | 'before';
  /** What the bake asks the treated targets of this role to see, and what they have seen; `null` when it asks for nothing. */
  readonly exposure: { readonly metric: string; readonly gathered: number; readonly atLeast: number } | null;
}

/**
 * Whether treated targets fail more often than untouched ones by more than the margin. It may be asked after every event, as
 * often as one likes. Total: any numbers get a verdict, none throws.
 *
 * Each bound of each arm spends `alpha / 2`. A wrong FAIL needs the treated arm's lower or the untouched arm's upper bound to be
 * wrong, a wrong PASS the other two; so over the whole stage either happens with probability at most `alpha`, whether or not the
 * arms are independent. What the bounds are about, and under which assumptions they hold, stands in proportionBounds.ts.
 *
 * Not proven, and left to the margin: that a difference is the change's doing. Where failures come in bursts, targets differ
 * in level, or the arms see different hours because a stage opened in waves, the averages of the two arms may differ although
 * the change is harmless.
 */
export function judgeFailureProportion(input: FailureProportionInput): ProportionVerdict {
  const { role, treated, untouched, events, margin, alpha, exposure } = input;
  const fault = findFault(input);
  if (fault !== null) return verdict(input, 'error', `${role}: cannot judge ${input.check}: ${fault}`);
  if (treated === null || untouched === null || treated.total === 0 || untouched.total === 0) {
    return verdict(input, 'no-data', `${role}: ${describeAbsence(input)}`);
  }

  const estimate = treated.failures / treated.total - untouched.failures / untouched.total + 0;
  const half = alpha / 2;
  const lower =
    lowerBound(treated.failures, treated.total, half) - upperBound(untouched.failures, untouched.total, half);
  const upper =
    upperBound(treated.failures, treated.total, half) - lowerBound(untouched.failures, untouched.total, half);
  const bounds = { estimate, lower, upper };

  const other = input.compared === 'before' ? 'before' : 'on untouched ones';
  const seen =
    `${role}: ${formatShare(treated.failures, treated.total)} of ${formatCount(treated.total)} ${events} failed on treated targets, ` +
    `${formatShare(untouched.failures, untouched.total)} of ${formatCount(untouched.total)} ${other}`;
  const against = `(margin ${formatPoints(margin, 'nearest')})`;

  if (lower > margin) {
    const atLeast = `${seen}; the difference is at least ${formatPoints(lower, 'down')} points ${against}`;
    return verdict(input, 'fail', atLeast, { ...bounds, missing: 0 });
  }
  const missingExposure = eventsUntilExposed(exposure, treated.total);
  if (upper <= margin) {
    const atMost = `${seen}; the difference is at most ${formatPoints(upper, 'up')} points ${against}`;
    if (missingExposure === 0 || exposure === null) return verdict(input, 'pass', atMost, { ...bounds, missing: 0 });
    const gathered = `${formatCount(exposure.gathered)} of the ${formatCount(exposure.atLeast)} ${exposure.metric} asked for`;
    return verdict(input, 'inconclusive', `${atMost}, but it has seen ${gathered}`, {
      ...bounds,
      missing: missingExposure,
    });
  }
  const missing = eventsUntilDecided(treated, untouched, margin, half);
  const between = `${seen}; the difference is between ${formatPoints(lower, 'down')} and ${formatPoints(upper, 'up')} points ${against}`;
  const outlook =
    missing === null
      ? `more ${events} like these would not tell`
      : `about ${formatCount(missing)} more ${events} on treated targets would tell`;
  return verdict(input, 'inconclusive', `${between}; ${outlook}`, {
    ...bounds,
    missing: missing === null || missingExposure === null ? null : Math.max(missing, missingExposure),
  });
}

/**
 * How many more treated events until a bound passes the margin, if both arms go on as they have: the same proportions, and
 * traffic in the same ratio. `null` when the present proportions never decide it (they lie too near the margin).
 */
function eventsUntilDecided(treated: ArmCounts, untouched: ArmCounts, margin: number, half: number): number | null {
  const needed = -Math.log(half);
  const heading = treated.failures / treated.total - untouched.failures / untouched.total > margin ? 'fail' : 'pass';
  const decidedAt = (factor: number): boolean => {
    const [failures, total] = [treated.failures * factor, treated.total * factor];
    const [otherFailures, otherTotal] = [untouched.failures * factor, untouched.total * factor];
    // The treated bound is beyond p exactly when the evidence against p is enough, so one bound need not be searched for.
    if (heading === 'fail') {
      const p = upperBound(otherFailures, otherTotal, half) + margin;
      return p < failures / total && logEvidenceAbove(p, failures, total) > needed;
    }
    const p = lowerBound(otherFailures, otherTotal, half) + margin;
    return p >= 1 || (p > failures / total && logEvidenceBelow(p, failures, total) >= needed);
  };
  // Each exponent grows in proportion to the events, so a verdict once reached at some factor is kept at all larger ones.
  let enough = 2;
  while (!decidedAt(enough)) {
    enough *= 2;
    if (enough * treated.total > FORESEEABLE_EVENTS) return null;
  }
  let tooFew = enough / 2;
  for (let step = 0; step < 10; step++) {
    const middle = (tooFew + enough) / 2;
    if (decidedAt(middle)) enough = middle;
    else tooFew = middle;
  }
  return Math.max(1, Math.ceil((enough - 1) * treated.total));
}

/** More than a busy fleet sees in the longest bake: beyond it a forecast helps nobody. */
const FORESEEABLE_EVENTS = 1e12;

/** Treated events until the exposure is there, if exposure goes on coming with them as it has; 0 when it is there, `null` when none has come. */
function eventsUntilExposed(exposure: FailureProportionInput['exposure'], treatedTotal: number): number | null {
  if (exposure === null || exposure.gathered >= exposure.atLeast) return 0;
  if (!(exposure.gathered > 0)) return null;
  const events = Math.ceil((exposure.atLeast - exposure.gathered) * (treatedTotal / exposure.gathered));
  return events <= FORESEEABLE_EVENTS ? events : null;
}

/** What makes the input impossible, in words with the figures, or `null`. */
function findFault({ margin, alpha, treated, untouched, exposure, events }: FailureProportionInput): string | null {
  if (!(margin >= 0 && margin <= 1)) return `its margin is ${margin}, which is not between 0 and 1`;
  if (!(alpha > 0 && alpha < 1)) return `its share of the error budget is ${alpha}, which is not between 0 and 1`;
  for (const [name, arm] of [
    ['treated', treated],
    ['untouched', untouched],
  ] as const) {
    if (arm === null) continue;
    if (!isCount(arm.failures) || !isCount(arm.total)) {
      return `${name} targets report ${arm.failures} failures of ${arm.total} ${events}, which are not counts`;
    }
    if (arm.failures > arm.total) {
      return `${name} targets report ${formatCount(arm.failures)} failures of only ${formatCount(arm.total)} ${events}; see whether every failure is also counted as one of the ${events}`;
    }
  }
  if (exposure !== null && !(isCount(exposure.gathered) && isCount(exposure.atLeast))) {
    return `its exposure is ${exposure.gathered} of ${exposure.atLeast} ${exposure.metric}, which are not counts`;
  }
  return null;
}

/** Fractions are allowed (they keep the bounds valid); beyond 2^53 counts are no longer exact. */
function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function describeAbsence({ treated, untouched, compared, events }: FailureProportionInput): string {
  if (treated === null) return `no treated target reports ${events} and their failures, so nothing can be judged`;
  if (treated.total === 0) return `no ${events} on treated targets yet, so nothing can be judged`;
  const others = compared === 'before' ? 'before the change' : 'on untouched targets';
  const compare = `nothing to compare ${formatCount(treated.total)} ${events} on treated targets with`;
  if (untouched !== null) return `no ${events} ${others}: ${compare}`;
  return `${events} and their failures are not reported ${others}: ${compare}`;
}

/** With the events that are missing on the treated arm until a verdict can be expected; `null` when unknown, 0 when decided. */
export type ProportionVerdict = Verdict & { readonly missing: number | null };

type Bounds = Pick<ProportionVerdict, 'estimate' | 'lower' | 'upper' | 'missing'>;
const UNKNOWN: Bounds = { estimate: null, lower: null, upper: null, missing: null };

function verdict(
  input: FailureProportionInput,
  outcome: VerdictOutcome,
  says: string,
  bounds: Bounds = UNKNOWN,
): ProportionVerdict {
  const { missing } = bounds;
  return {
    check: input.check,
    role: input.role,
    outcome,
    cause: null,
    says,
    unit: 'share',
    ...bounds,
    margin: finite(input.margin),
    treated: armOf(input.treated),
    untouched: armOf(input.untouched),
    compared: input.compared,
    evidence: { harm: 0, noHarm: 0 },
    alpha: finite(input.alpha),
    spent: 0,
    noise: { figure: 1, blocks: 0 },
    next: missing === null || missing === 0 ? null : { missing, of: input.events, expectedAt: null },
    outliers: [],
  };
}

function armOf(counts: ArmCounts | null): VerdictArm {
  const [failures, total] = [finite(counts?.failures), finite(counts?.total)];
  return { level: total > 0 ? finite(failures / total) : null, exposure: total, targets: 0 };
}

/** A verdict is stored and sent as JSON, which has no NaN and no infinity; an impossible figure stands in the sentence alone. */
function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value + 0 : 0;
}
