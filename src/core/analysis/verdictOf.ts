import type { Instant } from '../kernel/instant.ts';
import type { CheckSpec } from './checkSpec.ts';
import { invalidityOf } from './invalidity.ts';
import type { Finding } from './rolloutJudge.ts';
import { exposureOf, sayFinding } from './sayFinding.ts';
import type { NextDecision, Verdict, VerdictCause, VerdictOutcome, VerdictUnit } from './verdict.ts';

/** What a verdict needs beside the finding. */
export interface Terms {
  readonly budget: number;
  /** The part of the budget that the question has to itself. */
  readonly alpha: number;
  readonly missRate: number;
  readonly beganAt: Instant;
  readonly seenAt: Instant;
  /** Nats, had the present stage gone on in the same way so many times as long. */
  readonly harmAfter: (times: number) => number;
  readonly noHarmAfter: (times: number) => number;
}

/** What a finding comes to. Harm speaks before everything else; then what makes the figures worthless; then the figures. */
export function verdictOf(finding: Finding, terms: Terms): Verdict {
  const { check, role, seen, harm, noHarm } = finding;
  const { outcome, cause, next, instead } = decide(finding, terms);
  const about = role === '' ? '' : `${role}: `;
  return {
    check: check.name,
    role,
    outcome,
    cause,
    says: `${about}${instead ?? sayFinding({ check, outcome, seen, next })}`,
    unit: unitOf(check),
    estimate: seen.estimate,
    lower: seen.lower,
    upper: seen.upper,
    margin: seen.allowed,
    treated: seen.treated,
    untouched: seen.untouched,
    compared: seen.compared,
    evidence: { harm, noHarm },
    alpha: terms.budget,
    spent: terms.alpha * Math.exp(Math.min(harm, MOST_NATS)),
    noise: seen.noise,
    next,
    outliers: seen.outliers,
    leftOut: seen.leftOut,
  };
}

/** Beyond it a probability is too small for a number. */
const MOST_NATS = 700;

interface Decided {
  readonly outcome: VerdictOutcome;
  readonly cause: VerdictCause | null;
  readonly next: NextDecision | null;
  /** Where it is not the figures that speak. */
  readonly instead: string | null;
}

function decide(finding: Finding, terms: Terms): Decided {
  const { seen, noHarm, isFailing } = finding;
  const figures = { cause: null, next: null, instead: null };
  if (isFailing) return { ...figures, outcome: 'fail' };
  const invalid = invalidityOf(finding);
  if (invalid !== null) return { ...figures, outcome: invalid.outcome, cause: invalid.cause, instead: invalid.says };
  if (seen.outliers.length > 0) return { ...figures, outcome: 'inconclusive', cause: 'outliers' };
  if (noHarm >= -Math.log(terms.missRate)) return { ...figures, outcome: 'pass' };
  const next = nextOf(finding, terms);
  return { ...figures, outcome: 'inconclusive', cause: next === null ? null : 'too-little-exposure', next };
}

/** When the stage would be decided, one way or the other, if all went on as it has since it began; `null`: not in a time worth waiting for. */
function nextOf({ check, seen }: Finding, terms: Terms): NextDecision | null {
  const decided = (times: number) =>
    terms.harmAfter(times) >= -Math.log(terms.alpha) || terms.noHarmAfter(times) >= -Math.log(terms.missRate);
  let enough = 2;
  while (!decided(enough)) {
    enough *= 2;
    if (enough > WORTH_WAITING) return null;
  }
  let tooFew = enough / 2;
  for (let step = 0; step < 8; step++) {
    const middle = (tooFew + enough) / 2;
    if (decided(middle)) enough = middle;
    else tooFew = middle;
  }
  const missing = (enough - 1) * seen.treated.exposure;
  const passed = terms.seenAt - terms.beganAt;
  return {
    missing: missing >= 1 ? Math.ceil(missing) : missing,
    of: exposureOf(check),
    expectedAt: passed > 0 ? Math.round(terms.seenAt + (enough - 1) * passed) : null,
  };
}

/** So many times as long as it has baked. */
const WORTH_WAITING = 4096;

function unitOf({ kind }: CheckSpec): VerdictUnit {
  switch (kind) {
    case 'failureProportion':
    case 'health':
    case 'quantile':
      return 'share';
    case 'eventRate':
    case 'vanished':
      return 'rate';
    case 'mean':
      return 'value';
  }
}
