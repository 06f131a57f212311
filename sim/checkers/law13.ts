import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** Law 13: two rollouts of one service never run at the same time. */
export function law13(truth: Truth): Judge {
  return {
    take: (fact) => {
      if (fact.kind !== 'appended') return null;
      const running = [...truth.log.running()].map(({ id }) => id);
      return running.length > 1 ? `${running.join(' and ')} run at the same time` : null;
    },
  };
}
