import type { DurationMs, Instant } from '../kernel/instant.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { isWorthIt } from './border.ts';
import { presentStage } from './presentStage.ts';
import type { Rollout } from './rollout.ts';

/** How long the way back waits for its next step. After that the floor gives way: whoever is left goes. */
export function releaseAfterMs(rollout: Rollout): DurationMs {
  return presentStage(rollout).applyDeadlineMs;
}

/**
 * The next step of the way back, where it goes in steps (law 11). Nothing that holds a rollout binds it. Where there is no room for
 * so long that targets go by themselves, everyone is told to: agents that know no such deadline then go as well.
 */
export function widenRelease(rollout: Rollout, { tally, back }: Assessment, now: Instant): readonly DomainEvent[] {
  const { id, release } = rollout;
  if (release === null || release.below >= 1 || tally.notBack === 0) return [];
  if (now - release.at >= releaseAfterMs(rollout)) {
    return [{ type: 'ReleaseWidened', data: { id, below: 1, targets: tally.notBack - tally.moving } }];
  }
  if (back === undefined || back.from !== release.below) return [];
  const { below, targets } = back.border;
  if (targets === 0 || !isWorthIt(back.border, tally.moving)) return [];
  return [{ type: 'ReleaseWidened', data: { id, below, targets } }];
}
