import { formatDuration, type Instant } from '../kernel/instant.ts';
import { HOLD_REASONS, type HoldReason } from './hold.ts';
import type { Rollout } from './rollout.ts';

/** What was said of each hold when it was raised. */
export type HoldWords = ReadonlyMap<HoldReason, string>;

/**
 * What a rollout did or waited for at a moment that is over, in one sentence, from the record alone: in the words of `sayRollout`, without
 * the figures that nobody wrote down.
 */
export function sayPast(rollout: Rollout, words: HoldWords, at: Instant): string {
  const stage = rollout.pipeline.stages[rollout.stage];
  const name = stage?.name ?? '';
  switch (rollout.phase) {
    case 'completed':
      return 'completed: its change is the last known good';
    case 'rolledBack':
      return `rolled back: ${rollout.rollback?.says ?? ''}`;
    case 'rollingBack':
      return `rolling back: ${rollout.rollback?.says ?? ''}`;
    case 'rolling':
    case 'rehearsing':
    case 'baking':
    case 'ready':
      break;
  }
  if (rollout.paused !== null)
    return `paused by ${rollout.paused.by}${rollout.paused.reason === '' ? '' : `: ${rollout.paused.reason}`}`;
  if (rollout.holds.length > 0)
    return `held in "${name}": ${rollout.holds.map((reason) => words.get(reason) ?? HOLD_REASONS[reason]).join('; ')}`;
  if (rollout.phase === 'ready') return `"${name}" has passed; the next stage opens`;
  if (rollout.phase === 'rehearsing') return `rehearsing the way back in "${name}"`;
  if (rollout.phase === 'rolling') {
    const waves = rollout.plan[rollout.stage]?.waves.length ?? 1;
    return `"${name}", wave ${rollout.wave + 1} of ${waves} is open`;
  }
  const minimumMs = stage?.bake.minimumMs ?? 0;
  return `"${name}" bakes: ${formatDuration(Math.min(at - rollout.since, minimumMs))} of ${formatDuration(minimumMs)}`;
}
