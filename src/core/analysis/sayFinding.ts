import type { Seen } from './checkJudge.ts';
import { type CheckSpec, worseOf } from './checkSpec.ts';
import { formatCount } from './figures.ts';
import type { Worse } from './margin.ts';
import type { NextDecision, VerdictOutcome } from './verdict.ts';

interface Unit {
  readonly of: (value: number, rounding?: Rounding) => string;
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

/** One sentence with the figures that a person needs to believe a finding, or to doubt it. Bounds never claim more than is known. */
export function sayFinding({ check, outcome, seen, next }: Said): string {
  const unit = unitOf(check);
  const { treated, untouched, compared } = seen;
  const others = compared === 'before' ? 'before' : 'on untouched targets';
  const exposure = check.kind === 'mean' ? '' : ` of ${formatCount(treated.exposure)} ${unit.exposure}`;
  const [own, other] = [unit.of(treated.level ?? 0), unit.of(untouched.level ?? 0)];
  const levels = `${own}${exposure} on treated targets, ${other} ${others}`;
  const bounds = difference(outcome, worseOf(check), seen, unit);
  return `${levels}; ${bounds} (${accepted(check, seen, unit)})${alone(seen)}${outlook(outcome, seen, next)}${doubt(seen)}`;
}

/** What is surely so: of a failure how bad it is at least, of a pass how bad at most. */
function difference(outcome: VerdictOutcome, worse: Worse, { lower, upper }: Seen, unit: Unit): string {
  const least = lower === null ? null : `at least ${unit.of(lower, 'down')}`;
  const most = upper === null ? null : `at most ${unit.of(upper, 'up')}`;
  const isDown = worse === 'lower' || (worse === 'either' && upper !== null && upper < 0);
  const [bad, good] = isDown ? [most, least] : [least, most];
  if (outcome === 'fail' && bad !== null) return `the difference is ${bad}`;
  if (outcome === 'pass' && worse !== 'either' && good !== null) return `the difference is ${good}`;
  if (lower !== null && upper !== null)
    return `the difference is between ${unit.of(lower, 'down')} and ${unit.of(upper, 'up')}`;
  const one = least ?? most;
  return one === null ? 'too little was seen to bound the difference' : `the difference is ${one}`;
}

function accepted(check: CheckSpec, { allowed, limit }: Seen, unit: Unit): string {
  if (check.kind === 'vanished') return `accepted at least ${percent(check.atLeast)} of what is usual`;
  if (check.kind === 'quantile') {
    const told = limit === null ? '' : `: above ${figure(limit.told)}`;
    const coarse = limit?.isCoarse === true ? ', where its bucket ends' : '';
    return `accepted up to that of untouched targets${margin(check.margin)}${told}${coarse}`;
  }
  const way = { higher: 'more', lower: 'less', either: 'more or less' }[worseOf(check)];
  return `accepted up to ${unit.of(allowed)} ${way}`;
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

/** A level of what the check looks at, in its unit; of a quantile the figure itself. */
export function sayLevel(check: CheckSpec, level: number): string {
  return check.kind === 'quantile' ? figure(level) : unitOf(check).of(level);
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
      return { of: (value, rounding) => `${figure(value, rounding)} a target and minute`, exposure: 'target-minutes' };
    case 'mean':
      return { of: figure, exposure: '' };
  }
}

type Rounding = 'down' | 'up' | 'nearest';

export function percent(share: number, rounding: Rounding = 'nearest'): string {
  return `${figure(share * 100, rounding)} %`;
}

/** Three digits and more. */
function figure(value: number, rounding: Rounding = 'nearest'): string {
  if (value === 0) return '0';
  const scale = 10 ** Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  // The tolerance keeps 0.29 × 100 = 28.999999999999996 at 29.
  const scaled = value * scale;
  const near = Math.round(scaled);
  const isWhole = Math.abs(scaled - near) < 1e-9 * Math.abs(scaled);
  const whole = rounding === 'nearest' || isWhole ? near : rounding === 'down' ? Math.floor(scaled) : Math.ceil(scaled);
  const rounded = whole / scale;
  return Math.abs(rounded) >= 1000 ? formatCount(rounded) : String(Number(rounded.toPrecision(3)));
}
