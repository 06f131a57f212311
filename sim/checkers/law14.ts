import type { Judge } from './checker.ts';

/** Law 14: nothing starts or opens while the line is halted; and nothing, a halt or a pause included, refuses a person's rollback. */
export function law14(): Judge {
  let halted = false;
  return {
    take: (fact) => {
      if (
        fact.kind === 'command' &&
        fact.does === 'rollback' &&
        fact.refused !== null &&
        fact.refused !== 'rollout-ended'
      )
        return `a person's rollback of ${fact.rollout} is refused: ${fact.says} (${fact.refused})`;
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type === 'LineHalted') halted = true;
        if (type === 'LineLifted') halted = false;
        if (halted && (type === 'RolloutStarted' || type === 'WaveOpened'))
          return `${String(data.id)}: ${type} while the line is halted`;
      }
      return null;
    },
  };
}
