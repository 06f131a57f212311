import type { VerdictOutcome } from '../analysis/verdict.ts';
import { formatDuration } from '../kernel/instant.ts';
import { sayGates } from '../policy/approval.ts';
import { sayOpenings } from '../policy/sayOpenings.ts';
import type { Assessment } from './assessment.ts';
import { HOLD_REASONS, type HoldReason } from './hold.ts';
import { standingGates } from './peopleGate.ts';
import { presentStage } from './presentStage.ts';
import type { Rollout } from './rollout.ts';
import { listed, sayFull } from './sayFull.ts';

/** Where blame has more to say than the reason alone (laws 13 and 17). */
const BY_BLAME: readonly HoldReason[] = ['all-red', 'blamed', 'harm-contested', 'harm-beside'];

/** Where verdicts have more to say, those of this outcome. */
const SAID_BY: Readonly<Partial<Record<HoldReason, VerdictOutcome>>> = {
  'signal-failed': 'fail',
  inconclusive: 'inconclusive',
  'no-data': 'no-data',
  'check-error': 'error',
};
const NAMED_VERDICTS = 3;

/** Why a rollout holds, with who and what where that is known. */
export function sayReason(
  reason: HoldReason,
  rollout: Rollout,
  { tally, ahead, consent, blame, verdicts }: Pick<Assessment, 'tally' | 'ahead' | 'consent' | 'blame' | 'verdicts'>,
): string {
  if (reason === 'awaiting-approval') return sayGates(standingGates(rollout, consent)) || HOLD_REASONS[reason];
  if (BY_BLAME.includes(reason) && blame !== undefined) return `${HOLD_REASONS[reason]}: ${blame.says}`;
  if (reason === 'no-capacity' && ahead?.full) return sayFull(ahead.full);
  if (reason === 'slow-path' && tally.slow > 0) {
    const named = listed(tally.slowNames, tally.slow);
    return `${named} under way for longer than ${formatDuration(presentStage(rollout).applyDeadlineMs)}; nothing more is ordered until they come to rest`;
  }
  if (reason === 'permit-refused' && tally.refused > 0) {
    const why = tally.refusals.map(({ code, count, target, says }) => `${count} ${code} (${target}: ${says})`);
    return `${tally.refused} ${tally.refused === 1 ? 'target refuses' : 'targets refuse'} the permit: ${why.join('; ')}`;
  }
  if (reason === 'record-contradicts') {
    return `signed was leave for ${sayOpenings(rollout.permitted ?? [])}, and the record opens ${sayOpenings(rollout.openings)}: nothing opens on it (roll back, or restore the record)`;
  }
  const said = SAID_BY[reason];
  if (said !== undefined) {
    const found = (verdicts[rollout.stage] ?? []).filter(({ outcome }) => outcome === said);
    const named = found.slice(0, NAMED_VERDICTS).map(({ check, says }) => `${check}: ${says}`);
    const more = found.length > named.length ? `; and ${found.length - named.length} more` : '';
    return named.length === 0 ? HOLD_REASONS[reason] : `${HOLD_REASONS[reason]} (${named.join('; ')}${more})`;
  }
  const [revoked] = rollout.revoked;
  if (reason === 'evidence-revoked' && revoked !== undefined) {
    const stage = rollout.pipeline.stages[revoked.stage]?.name;
    return `the evidence of "${stage}" was revoked by ${revoked.by}: ${revoked.reason}`;
  }
  return HOLD_REASONS[reason];
}
