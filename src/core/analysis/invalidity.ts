import type { Finding } from './rolloutJudge.ts';
import { percent, sayLevel } from './sayFinding.ts';
import type { VerdictCause, VerdictOutcome } from './verdict.ts';

/** Why the figures are worth nothing at the moment, whatever they say. */
export interface Invalidity {
  readonly outcome: Extract<VerdictOutcome, 'error' | 'no-data'>;
  readonly cause: VerdictCause | null;
  /** What was found, and what to look at. */
  readonly says: string;
}

/** So many windows without a report are no hiccup any more. */
export const DEAD_AFTER = 3;

/** The first that applies; `null`: the figures can be gone by. */
export function invalidityOf(finding: Finding): Invalidity | null {
  const { check, fault, lacks, deadFor, seen, traffic } = finding;
  const metrics = finding.metrics.join(' and ');
  const [was, is] = finding.metrics.length > 1 ? ['were', 'are'] : ['was', 'is'];
  if (fault !== null) return { outcome: 'error', cause: fault.code, says: fault.says };
  if (deadFor >= DEAD_AFTER && lacks === 'silence') {
    const says = `${metrics} ${was} reported before, and nobody does so any more, treated or not: see whether what measures still works`;
    return { outcome: 'no-data', cause: 'dead-metric', says };
  }
  if (deadFor >= DEAD_AFTER) {
    const says = `${metrics} ${was} reported by treated targets before and ${is} not any more, while untouched targets go on: see whether the change renamed or broke what counts`;
    return { outcome: 'no-data', cause: 'dead-metric', says };
  }
  if (traffic?.found === 'dead') {
    const says = `${traffic.metric} stands still on treated targets, while it goes on on untouched ones: see whether they get any traffic, or whether the change broke the counter`;
    return { outcome: 'no-data', cause: 'dead-metric', says };
  }
  if (lacks === 'movement' && seen.treated.exposure === 0) {
    const says = `${metrics} does not move on any target, treated or not: see whether it is the right metric`;
    return { outcome: 'no-data', cause: 'dead-metric', says };
  }
  if (lacks === 'buckets') {
    const says = `what is usual of ${metrics}, or what is accepted, lies above the last bound of its buckets: give the histogram higher ones`;
    return { outcome: 'error', cause: 'source-error', says };
  }
  if (seen.estimate === null || seen.treated.exposure === 0) {
    if (lacks === 'control')
      return {
        outcome: 'no-data',
        cause: 'no-control',
        says: 'there is nothing to compare with: no untouched target and no past',
      };
    return { outcome: 'no-data', cause: null, says: 'nothing of it was measured on treated targets yet' };
  }
  if (seen.sickness !== null) {
    const { level, usual } = seen.sickness;
    const says = `untouched targets are themselves far from what is usual (${sayLevel(check, level)}, where ${sayLevel(check, usual)} was the worst to be expected): find out what ails them, then go on`;
    return { outcome: 'error', cause: 'sick-baseline', says };
  }
  if (traffic?.found === 'mismatch') {
    const says = `treated targets get ${percent(traffic.share)} of the ${traffic.metric} that they would get as before: what they serve is not what the others serve; see what sends them more or less`;
    return { outcome: 'error', cause: 'sample-ratio', says };
  }
  return null;
}
