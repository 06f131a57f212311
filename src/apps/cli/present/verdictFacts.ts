import type { VerdictBody } from '../../../wire/http/verdict.ts';
import { segment, type Tone } from '../terminal/styledLine.ts';
import { type Cell, table } from '../terminal/table.ts';
import type { Fact } from './facts.ts';
import { points } from './words.ts';

const OUTCOME_TONES: Readonly<Record<VerdictBody['outcome'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warn',
  'no-data': 'warn',
  error: 'bad',
};

/**
 * Every check for every role: its verdict, by how much the changed targets are worse than the others, and how sure that is; then in words why
 * it is no pass, and what it has cost.
 */
export function verdictFacts(verdicts: readonly VerdictBody[], { width }: { readonly width: number }): Fact[] {
  if (verdicts.length === 0) return [];
  const rows = verdicts.map((verdict): Cell[] => [
    verdict.check,
    verdict.role,
    segment(verdict.outcome, OUTCOME_TONES[verdict.outcome]),
    estimateOf(verdict),
    outlookOf(verdict),
  ]);
  const columns = [{ shrinkTo: 8 }, { shrinkTo: 6 }, {}, {}, {}].map((column) => ({ ...column, title: '' }));
  const facts: Fact[] = [['checks', table(columns, rows, width - 12).slice(1)]];
  for (const { check, role, outcome, says, outliers } of verdicts) {
    if (outcome === 'pass' || says === '') continue;
    const named = outliers.length === 0 ? '' : `; standing out: ${outliers.join(', ')}`;
    facts.push(['why', segment(`${check} on ${role}: ${says}${named}`, OUTCOME_TONES[outcome])]);
  }
  const spent = Math.max(...verdicts.map((verdict) => verdict.spent));
  const alpha = verdicts[0]?.alpha ?? 0;
  if (spent >= 0.01)
    facts.push(['budget', `${share(Math.min(1, spent))} of the ${share(alpha)} spent by the worst of them`]);
  return facts;
}

function estimateOf({ unit, estimate, lower, upper }: VerdictBody): string {
  if (estimate === null) return 'no estimate yet';
  const says = (figure: number) => (unit === 'share' ? points(figure) : signed(figure));
  const interval = lower === null || upper === null ? '' : ` (${says(lower)} to ${says(upper)})`;
  return `${says(estimate)}${UNITS[unit]}${interval}`;
}

const UNITS: Readonly<Record<VerdictBody['unit'], string>> = { share: ' pp', rate: ' a minute', value: '' };

/** How much is missing until it is decided (when it will be there is in the sentence); else what is accepted. */
function outlookOf({ unit, margin, next }: VerdictBody): string {
  if (next !== null) return `~${Math.ceil(next.missing)} more`;
  return `margin ${unit === 'share' ? (margin * 100).toFixed(2) : Number(margin.toPrecision(3))}`;
}

function signed(figure: number): string {
  return `${figure < 0 ? '-' : '+'}${Number(Math.abs(figure).toPrecision(3))}`;
}

function share(part: number): string {
  return `${Number((part * 100).toPrecision(2))} %`;
}
