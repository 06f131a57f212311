import type { Instant } from '../kernel/instant.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { adaptPace } from './pace.ts';
import { paceBounds } from './paceOfWave.ts';
import type { Rollout } from './rollout.ts';

/** Law 12: what is seen of the targets under way makes the rollout faster or slower. It has no say while nobody is ordered to move. */
export function changePace(rollout: Rollout, { tally, latenciesMs }: Assessment, now: Instant): readonly DomainEvent[] {
  const { pace } = rollout;
  const bounds = paceBounds(rollout, rollout.stage);
  if (pace === null || bounds === null || rollout.phase !== 'rolling') return [];
  const agesMs = tally.ordered.flatMap(({ at, targets }) =>
    Array<number>(Math.min(targets, pace.concurrency)).fill(now - at),
  );
  const { confirmed, failed, slow } = tally;
  const change = adaptPace(pace, bounds, { confirmed, failed, slow, latenciesMs: latenciesMs ?? [], agesMs }, now);
  return change === null ? [] : [{ type: 'PaceChanged', data: { id: rollout.id, pace: change } }];
}
