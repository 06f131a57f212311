import type { Instant } from '../../core/kernel/instant.ts';
import type { Freeze, FreezeWindow } from '../../core/policy/freeze.ts';
import type { PeakHours, PeakWindow } from '../../core/policy/peak.ts';
import type { RecordedFreeze } from '../../core/record/world.ts';

/**
 * What freezes come to in moments: time zones, daylight saving and recurrence are known here and nowhere else. A function of
 * its arguments alone, without a clock; bounded in work for whatever the freeze says.
 */
export interface Calendar {
  /** Why a freeze cannot be used (its zone, its times, a rule that cannot be read or never comes true), with what to do; `null`: it can. */
  fault(freeze: Freeze): { readonly says: string; readonly remedy: string } | null;

  /**
   * The windows of a freeze that have a moment in common with [from, until), by their start. `until` is at most
   * {@link LONGEST_LOOK_MS} after `from`. Never throws and fails closed: a freeze that cannot be worked out, though it is on
   * the record, binds from `from` to `until` and says so.
   */
  windows(freeze: Freeze, from: Instant, until: Instant): readonly FreezeWindow[];

  /**
   * The windows of some peak hours that have a moment in common with [from, until), by their start. Never throws: hours that cannot
   * be worked out have none, so that no bake can have covered them.
   */
  peaks(peak: PeakHours, from: Instant, until: Instant): readonly PeakWindow[];

  /** The freezes as one iCalendar object (RFC 5545), lines folded and ended by CRLF. */
  write(freezes: readonly RecordedFreeze[]): string;
}

/** Two years of the longest kind. */
export const LONGEST_LOOK_MS = 2 * 366 * 86_400_000;
