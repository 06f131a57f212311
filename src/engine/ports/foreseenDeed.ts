import type { Refusal } from '../../core/kernel/refusal.ts';
import type { Deed } from '../../wire/http/deed.ts';

/** What would come of it if somebody did it now. */
export interface ForeseenDeed {
  readonly deed: Deed;
  /** Why it would be refused; empty: it would be done. */
  readonly refusals: readonly Refusal[];
}
