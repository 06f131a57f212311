import type { Instant } from '../kernel/instant.ts';
import { bakeDeadline, type CoveredPeak, firstCovered, sayPeakHours } from '../policy/peak.ts';
import type { Assessment } from './assessment.ts';
import { presentStage } from './presentStage.ts';
import type { Rollout } from './rollout.ts';

/** The peak that the bake under way covers, or will have covered first; `null`: none is asked for, or the calendar gives none. */
export function peakOfBake(rollout: Rollout, { peaks = [] }: Pick<Assessment, 'peaks'>): CoveredPeak | null {
  const { peak } = presentStage(rollout).bake;
  return peak === undefined || rollout.phase !== 'baking' ? null : firstCovered(peak, peaks, rollout.since);
}

/** Whether the bake is to cover a peak and there is none to wait for. */
export function lacksPeak(rollout: Rollout, assessment: Pick<Assessment, 'peaks'>): boolean {
  return presentStage(rollout).bake.peak !== undefined && peakOfBake(rollout, assessment) === null;
}

/** Law 4: whether the bake must still see a peak. Without a calendar that says when there is one it does, for ever: it fails closed. */
export function awaitsPeak(rollout: Rollout, assessment: Pick<Assessment, 'peaks'>, now: Instant): boolean {
  if (presentStage(rollout).bake.peak === undefined) return false;
  const covered = peakOfBake(rollout, assessment);
  return covered === null || now < covered.coveredAt;
}

/** Whether the time in which the bake must have its evidence is over. */
export function isBakeOver(rollout: Rollout, assessment: Pick<Assessment, 'peaks'>, now: Instant): boolean {
  return now >= bakeDeadline(presentStage(rollout).bake, peakOfBake(rollout, assessment), rollout.since);
}

/** What a bake waits for of its peak, with its time by its own clock; `null`: nothing. */
export function sayAwaitedPeak(rollout: Rollout, assessment: Pick<Assessment, 'peaks'>, now: Instant): string | null {
  const { peak } = presentStage(rollout).bake;
  if (peak === undefined || rollout.phase !== 'baking' || !awaitsPeak(rollout, assessment, now)) return null;
  const awaited = peakOfBake(rollout, assessment);
  if (awaited === null) return `waits for a peak (${sayPeakHours(peak)}) that the calendar does not give`;
  const { starts, ends } = awaited.window.local;
  return now < awaited.window.starts ? `waits for the peak from ${starts} until ${ends}` : `in the peak until ${ends}`;
}
