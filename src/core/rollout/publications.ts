import type { RecordedEvent } from '../record/event.ts';
import type { World } from '../record/world.ts';
import { roleKey } from './assignment.ts';
import { type Intent, intentsOf } from './intent.ts';

export interface Publication extends Intent {
  /**
   * `moved`: only targets whose own revision changes need to hear of it. A wave that goes on in steps changes the document at every
   * step, and to all the others nothing: were everyone told each time, the cost of a step would grow with the fleet.
   */
  readonly reach: 'everyone' | 'moved';
}

/** What events that were appended together demand, given the world after them: what is decided together is told together, once to each role. */
export function publicationsOf(events: Iterable<RecordedEvent>, world: World): readonly Publication[] {
  const publications = new Map<string, Publication>();
  const widened = new Set<string>();
  for (const event of events) {
    if (event.type === 'WaveWidened') widened.add(event.data.id);
    // The permit for a step goes where the step goes. A step of the way back is for everyone: who waits with going back, and hears
    // nothing newer for a while, goes by itself (law 5).
    const isStep = event.type === 'WaveWidened' || (event.type === 'PermitIssued' && widened.has(event.data.id));
    for (const intent of intentsOf(event, world)) {
      const key = roleKey(intent.service, intent.role);
      const before = publications.get(key);
      const moved = isStep && before?.reach !== 'everyone';
      const urgent = intent.urgent || (before?.urgent ?? false);
      publications.set(key, { ...intent, urgent, reach: moved ? 'moved' : 'everyone' });
    }
  }
  return [...publications.values()];
}
