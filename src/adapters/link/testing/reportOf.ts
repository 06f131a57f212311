import type { SlotReport, TargetReport } from '../../../engine/ports/fleet.ts';

/** A report of the slot `config/shop`, at rest unless said otherwise. */
export function reportOf(slot: Partial<SlotReport>): TargetReport {
  const rest = { current: null, baseline: null, failed: null, failureCode: '', failure: '', verifiedBy: 'file' };
  return { slots: [{ slot: 'config/shop', generation: 0, phase: 'settled', ...rest, ...slot }], checks: [] };
}
