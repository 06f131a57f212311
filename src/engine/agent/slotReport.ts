import { aimOf, GOOD_TRIES } from '../../core/agent/aim.ts';
import type { Content, Slot } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Target } from '../../core/topology/target.ts';
import type { SlotReport, TargetPhase } from '../ports/fleet.ts';

const PHASES = {
  settled: 'settled',
  preparing: 'preparing',
  applying: 'applying',
  verifying: 'verifying',
  checking: 'verifying',
  provisional: 'provisional',
  watching: 'settled',
  reverting: 'reverting',
  stuck: 'failed',
  failed: 'failed',
} as const satisfies Readonly<Record<Slot['phase']['name'], TargetPhase>>;

/**
 * What the server is told of a slot: always the whole of it. No file is `null`, like unknown; `verifiedBy` tells them apart: it
 * is empty when what is in force is unknown.
 */
export function slotReport(slot: Slot, target: Target): SlotReport {
  const { phase, failure } = slot;
  const report = {
    slot: slot.name,
    generation: slot.assignment?.generation ?? 0,
    phase: PHASES[phase.name],
    current: digestOf(slot.current),
    baseline: digestOf(slot.baseline?.content ?? slot.holds),
    failed: failure?.artifact ?? null,
    failureCode: failure?.code ?? '',
    failure: failure === null ? '' : `${failure.says}${triesOf(slot)}`,
    verifiedBy: slot.verifiedBy,
  };
  // Not shown to be back: then what was left may still be in force, and is what counts.
  if (phase.name === 'stuck') {
    const why = failure === null ? '' : `; it went back because: ${failure.says} (${failure.code})`;
    return {
      ...report,
      current: digestOf(phase.revert.leaving),
      failureCode: 'revert-failed',
      failure: `${phase.says}${why}`,
    };
  }
  const atRest = phase.name === 'settled' || phase.name === 'watching' || phase.name === 'failed';
  if (atRest && slot.refused !== null) {
    const refusal = { code: 'refused', says: slot.refused };
    return { ...report, phase: 'failed', failureCode: 'refused', failure: slot.refused, refusal };
  }
  const aim = atRest ? aimOf(slot, target) : null;
  if (aim?.go === 'refused') return { ...report, refusal: { code: aim.code, says: aim.says } };
  if (atRest && hasDrifted(slot)) {
    const says = `it holds ${slot.current}, not ${slot.holds} as it should: somebody else changed it. Nothing new is applied until that is put back`;
    return { ...report, phase: 'failed', failureCode: 'drifted', failure: says };
  }
  return report;
}

/** What becomes of a last known good that did not hold here. */
function triesOf({ phase, failure, tried }: Slot): string {
  if (phase.name !== 'failed' || failure?.rollout !== null || tried === null) return '';
  if (phase.until !== null) return `; it is tried again, as often as ${GOOD_TRIES} times; ${tried.times} so far`;
  return tried.times < GOOD_TRIES
    ? ''
    : `; it was tried ${tried.times} times, and is not again until the agent is restarted`;
}

/** Somebody changed by hand what we had put there. */
function hasDrifted({ baseline, current, holds }: Slot): boolean {
  return baseline !== null && current !== null && current !== holds;
}

function digestOf(content: Content | null): Digest | null {
  return content === 'absent' ? null : content;
}
