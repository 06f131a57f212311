import type { Capacity } from '../topology/capacity.ts';
import { type Ahead, aheadOf } from './openAhead.ts';
import { NOTHING_SEEN } from './pace.ts';
import { paceBounds, paceFor } from './paceOfWave.ts';
import type { Rollout } from './rollout.ts';

/**
 * What would be opened next in steps, and how many may be under way at once; `null`: nothing, or all of it at once, because neither
 * the service asks for a floor nor the stage for a pace.
 */
export function stepping(
  rollout: Rollout,
  capacity: Capacity | null,
): { readonly ahead: Ahead; readonly concurrency: number } | null {
  const ahead = aheadOf(rollout);
  if (ahead === null || (capacity === null && paceBounds(rollout, ahead.stage) === null)) return null;
  const pace = paceFor(rollout, ahead.stage, NOTHING_SEEN);
  return { ahead, concurrency: pace?.concurrency ?? Number.POSITIVE_INFINITY };
}
