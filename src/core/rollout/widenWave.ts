import type { RecordedEvent } from '../record/event.ts';
import { takeContact } from './absence.ts';
import { addReached } from './reached.ts';
import type { Rollout } from './rollout.ts';
import { addStep } from './steps.ts';

/** The present wave with one more step. It stays the same wave: what it waits for and when it began do not change. */
export function widenWave(rollout: Rollout, event: Extract<RecordedEvent, { readonly type: 'WaveWidened' }>): Rollout {
  const { below, absent, returned = [] } = event.data;
  const present = rollout.openings.at(-1);
  const spec = rollout.pipeline.stages[rollout.stage];
  if (present === undefined || spec === undefined)
    throw new Error(`invariant broken: ${rollout.id} widens a wave that it has not opened`);
  return {
    ...rollout,
    openings: [...rollout.openings.slice(0, -1), { ...present, below }],
    reached: addReached(rollout.reached, { stage: rollout.stage, below, at: event.at }),
    steps: addStep(rollout.steps, { below, at: event.at }, spec.applyDeadlineMs),
    absent: takeContact(rollout.absent, { absent, returned }, event.position),
  };
}
