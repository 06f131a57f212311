import { sayOpenings } from '../policy/sayOpenings.ts';
import type { Assessment } from './assessment.ts';
import { HOLD_REASONS, type HoldReason } from './hold.ts';
import type { Rollout } from './rollout.ts';

/** Why a rollout holds, with who and what where that is known. */
export function sayReason(reason: HoldReason, rollout: Rollout, { tally }: Pick<Assessment, 'tally'>): string {
  if (reason === 'permit-refused' && tally.refused > 0) {
    const why = tally.refusals.map(({ code, count, target, says }) => `${count} ${code} (${target}: ${says})`);
    return `${tally.refused} ${tally.refused === 1 ? 'target refuses' : 'targets refuse'} the permit: ${why.join('; ')}`;
  }
  if (reason === 'record-contradicts') {
    return `signed was leave for ${sayOpenings(rollout.permitted ?? [])}, and the record opens ${sayOpenings(rollout.openings)}: nothing opens on it (roll back, or restore the record)`;
  }
  const [revoked] = rollout.revoked;
  if (reason === 'evidence-revoked' && revoked !== undefined) {
    const stage = rollout.pipeline.stages[revoked.stage]?.name;
    return `the evidence of "${stage}" was revoked by ${revoked.by}: ${revoked.reason}`;
  }
  return HOLD_REASONS[reason];
}
