import { sumOfSketches } from '../../core/analysis/sketchChange.ts';
import { type Figures, isSketch, type Sketch, type TargetSample } from '../../core/analysis/targetSample.ts';
import type { Gathered } from './figureWindows.ts';

export type Arm = Pick<TargetSample, 'treated' | 'inStage'>;

/** What one target measured in one window, of the figures that belong to an arm; there may be none. */
export function sampleOf(
  target: string,
  arm: Arm,
  figures: readonly Gathered[],
  overdue: readonly string[],
): TargetSample {
  const values = new Map<string, Figures>();
  const covered = new Map<string, number>();
  for (const { metric, figures: more, minutes } of figures) {
    const before = values.get(metric);
    values.set(metric, before === undefined ? more : joined(before, more));
    covered.set(metric, (covered.get(metric) ?? 0) + minutes);
  }
  const minutes = Math.max(0, ...covered.values());
  const differ = [...covered.values()].some((each) => each !== minutes);
  return { target, ...arm, minutes, ...(differ ? { minutesOf: covered } : {}), values, overdue };
}

/** Values that were measured one by one are not known well enough for a sketch beside them: then the sketch stands alone. */
function joined(before: Figures, more: Figures): Figures {
  if (!isSketch(before)) return isSketch(more) ? more : [...before, ...more];
  return isSketch(more) ? sumOfSketches(before, more as Sketch) : before;
}

/** A metric is told again for every slot that the target has; one of them speaks for all. What knows of no slot is said once. */
export function ofOneSlot(figures: readonly Gathered[]): readonly Gathered[] {
  let first: string | null = null;
  for (const { under } of figures)
    if (under !== undefined && (first === null || under.slot < first)) first = under.slot;
  return figures.filter(({ under }) => under === undefined || under.slot === first);
}

/** Whether an alert fires is told as 1; that a target is well is 1 everywhere else. */
export function turned(figures: Figures): Figures {
  return isSketch(figures) ? figures : figures.map((fires) => 1 - fires);
}
