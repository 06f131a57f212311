import type { EventData } from '../../src/core/record/event.ts';
import type { Fact } from '../fact.ts';
import type { LoggedRollout } from '../logBook.ts';
import type { Truth } from '../truth.ts';

export interface PassedStage extends Pick<EventData['StagePassed'], 'id' | 'stage' | 'evidence'> {
  readonly rollout: LoggedRollout;
}

/** Stages that pass with this fact. */
export function passedStages(truth: Truth, fact: Fact): readonly PassedStage[] {
  if (fact.kind !== 'appended') return [];
  return fact.events.flatMap(({ type, data }) => {
    if (type !== 'StagePassed') return [];
    const passed = data as unknown as EventData['StagePassed'];
    const rollout = truth.log.rollouts.get(passed.id);
    return rollout === undefined ? [] : [{ ...passed, rollout }];
  });
}
