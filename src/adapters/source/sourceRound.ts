import type { MetricFault } from '../../core/analysis/metricFault.ts';
import { type DurationMs, formatDuration } from '../../core/kernel/instant.ts';
import { err, type Result } from '../../core/kernel/result.ts';
import { type Asking, type Heard, type MetricQuestion, timeLeft } from './metricQuestion.ts';

/** How many questions a source has to answer at the same time. */
const AT_ONCE = 4;
/** A question that has less than this left is not begun. */
const LEAST_MS = 50;

/**
 * Asks every question once, a few at a time, within `withinMs` altogether. Each outcome is handed on as it comes; what there was no
 * time for is a fault as well. Resolves when all have come.
 */
export async function askAll(
  questions: ReadonlyMap<string, MetricQuestion>,
  asking: Omit<Asking, 'deadline'>,
  withinMs: DurationMs,
  heard: (metric: string, outcome: Result<Heard, MetricFault>) => void,
): Promise<void> {
  const { clock } = asking;
  const deadline = clock.monotonic() + withinMs;
  const waiting = questions.entries();
  const askInTurn = async () => {
    for (const [metric, question] of waiting) {
      const todo = 'ask it for less, or give the pipeline a longer window';
      const says = `the other metrics of the source took all of ${formatDuration(withinMs)}, so this one could not be asked for: ${todo}`;
      const late = err<MetricFault>({ code: 'source-slow', says });
      heard(metric, timeLeft({ clock, deadline }) < LEAST_MS ? late : await question.ask({ ...asking, deadline }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
}
