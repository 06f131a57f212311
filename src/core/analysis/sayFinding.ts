import type { Seen } from './checkJudge.ts';
import type { CheckSpec } from './checkSpec.ts';
import { worseOf } from './checkSpec.ts';
import { formatCount } from './figures.ts';
import type { NextDecision, VerdictOutcome } from './verdict.ts';

interface Unit {
  readonly of: (value: number) => string;
  /** What was counted, in the plural. */
  readonly exposure: string;
}

/** What was found, and what came of it. */
export interface Said {
  readonly check: CheckSpec;
  readonly outcome: VerdictOutcome;
  readonly seen: Seen;
  readonly next: NextDecision | null;
}

/** One sentence with the figures that a person needs to believe a finding, or to doubt it. */
export function sayFinding({ check, outcome, seen, next }: Said): string {
  const unit = unitOf(check);
  const { treated, untouched, compared, lower, upper, allowed } = seen;
  if (treated.exposure === 0 || treated.level === null) return 'nothing of it was measured on treated targets yet';
  if (untouched.level === null) return 'there is nothing to compare with: no untouched target and no past';
  const others = compared === 'before' ? 'before' : 'on untouched targets';
  const exposure = check.kind === 'mean' ? '' : ` of ${formatCount(treated.exposure)} ${unit.exposure}`;
  const levels = `${unit.of(treated.level)}${exposure} on treated targets, ${unit.of(untouched.level)} ${others}`;
  const accepted = `accepted ${check.kind === 'vanished' ? 'at least' : 'up to'} ${said(check, allowed, unit)}`;
  const bounds = difference(worseOf(check) === 'lower' ? turned(outcome) : outcome, lower, upper, unit);
  return `${levels}; ${bounds} (${accepted})${alone(seen)}${outlook(outcome, seen, next)}${doubt(seen)}`;
}

/** Where lower is worse, a failure is told by the upper bound. */
function turned(outcome: VerdictOutcome): VerdictOutcome {
  return outcome === 'fail' ? 'pass' : outcome === 'pass' ? 'fail' : outcome;
}

function difference(outcome: VerdictOutcome, lower: number | null, upper: number | null, unit: Unit): string {
  if (outcome === 'fail' && lower !== null) return `the difference is at least ${unit.of(lower)}`;
  if (outcome === 'pass' && upper !== null) return `the difference is at most ${unit.of(upper)}`;
  if (lower === null && upper === null) return 'too little was seen to bound the difference';
  if (lower === null) return `the difference is at most ${unit.of(upper ?? 0)}`;
  if (upper === null) return `the difference is at least ${unit.of(lower)}`;
  return `the difference is between ${unit.of(lower)} and ${unit.of(upper)}`;
}

function said(check: CheckSpec, allowed: number, unit: Unit): string {
  if (check.kind === 'vanished') return `${percent(check.atLeast)} of what is usual`;
  if (check.kind === 'quantile') return `that of untouched targets${margin(check.margin)}`;
  return `${unit.of(allowed)} more`;
}

function margin({ relative, absolute }: { readonly relative?: number; readonly absolute?: number }): string {
  const parts = [relative === undefined ? '' : percent(relative), absolute === undefined ? '' : String(absolute)];
  const given = parts.filter((part) => part !== '');
  return given.length === 0 ? '' : ` and ${given.join(' or ')} more`;
}

/** Who is bad all alone, and with whom nothing was compared. */
function alone({ outliers, leftOut }: Seen): string {
  const bad =
    outliers.length === 0 ? '' : `; ${named(outliers)} alone ${outliers.length === 1 ? 'is' : 'are'} beyond it`;
  const sick = leftOut.length === 0 ? '' : `; ${named(leftOut)}, untouched and sick, left out`;
  return `${bad}${sick}`;
}

function named(targets: readonly string[]): string {
  const rest = targets.length > 3 ? ` and ${targets.length - 3} more` : '';
  return `${targets.slice(0, 3).join(', ')}${rest}`;
}

/** What more of the same would bring. */
function outlook(outcome: VerdictOutcome, { outliers }: Seen, next: NextDecision | null): string {
  if (outcome !== 'inconclusive' || outliers.length > 0) return '';
  if (next === null) return '; more like this would not tell';
  return `; some ${formatCount(next.missing)} ${next.of} more would tell`;
}

/** How much the figures may stray without a change, and how well that is known. */
function doubt({ noise, compared }: Seen): string {
  const parts: string[] = [];
  if (noise.blocks === 0) parts.push('its noise is not known: there is too little past');
  if (compared === 'before') parts.push('the hour cannot be told from the change');
  return parts.length === 0 ? '' : `; ${parts.join(', and ')}`;
}

/** What the exposure of a check is counted in, in the plural. */
export function exposureOf(check: CheckSpec): string {
  switch (check.kind) {
    case 'failureProportion':
      return check.total;
    case 'health':
      return 'looks';
    case 'quantile':
      return 'values';
    case 'eventRate':
    case 'vanished':
      return 'target-minutes';
    case 'mean':
      return 'windows';
  }
}

function unitOf(check: CheckSpec): Unit {
  switch (check.kind) {
    case 'failureProportion':
      return { of: percent, exposure: 'events failed' };
    case 'health':
      return { of: percent, exposure: 'looks found it sick' };
    case 'quantile':
      return { of: percent, exposure: `values were above the untouched p${Number((check.quantile * 100).toFixed(3))}` };
    case 'eventRate':
    case 'vanished':
      return { of: (value) => `${figure(value)} a target and minute`, exposure: 'target-minutes' };
    case 'mean':
      return { of: figure, exposure: '' };
  }
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}

function figure(value: number): string {
  return Math.abs(value) >= 1000 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)));
}
