import type { Instant } from '../kernel/instant.ts';
import { inForce } from '../policy/breakGlass.ts';
import { agreementOn, planReference } from './agreement.ts';
import type { DomainEvent } from './event.ts';
import type { World } from './world.ts';

/** Law 15: from the moment it is confirmed, every event of the rollout says that it is under break-glass, also when that is over. */
export function markBreakGlass(world: World, events: readonly DomainEvent[], now: Instant): readonly DomainEvent[] {
  const marked = new Set<string>();
  return events.map((event) => {
    if (!('id' in event.data)) return event;
    const { id } = event.data;
    if (event.type === 'RolloutStarted') {
      const { change, pipeline } = event.data;
      const { breakGlass } = agreementOn(world, planReference(world, change, pipeline.name));
      if (inForce(breakGlass, now)) marked.add(id);
    }
    const isMarked = marked.has(id) || world.rollouts.get(id)?.breakGlass != null;
    return isMarked ? ({ ...event, data: { ...event.data, breakGlass: true } } as DomainEvent) : event;
  });
}
