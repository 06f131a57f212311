import { questionOf } from '../../src/core/analysis/question.ts';
import type { EventData } from '../../src/core/record/event.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** The counters that services of this world really have. */
const REAL = new Set(['requests', 'failures']);

/** Law 16: nothing starts with a stage that nobody is in, or with a check on a counter that no target has. */
export function law16(truth: Truth): Judge {
  return {
    take: (fact) => {
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type !== 'RolloutStarted') continue;
        const { id, pipeline, change } = data as unknown as EventData['RolloutStarted'];
        for (const stage of pipeline.stages) {
          const selected = truth.scene.machines.some(
            ({ role, labels }) =>
              change.roles.includes(role) &&
              Object.entries(stage.targets).every(([label, values]) => values.includes(labels[label] ?? '')),
          );
          if (!selected) return `${id} starts with stage "${stage.name}", and no target is in it`;
        }
        const ghost = pipeline.checks.flatMap((check) => questionOf(check).metrics).find((metric) => !REAL.has(metric));
        if (ghost !== undefined) return `${id} starts with a check on "${ghost}", which no target counts`;
      }
      return null;
    },
  };
}
