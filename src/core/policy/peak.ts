import type { DurationMs, Instant } from '../kernel/instant.ts';
import type { Bake, Pipeline } from './pipeline.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When a service has the most to do, as people say it. What it comes to in moments is for the calendar to work out. */
export interface PeakHours {
  /** Wall-clock times, `18:00`. Where `to` is not after `from`, it is of the next day. */
  readonly from: string;
  readonly to: string;
  /** The IANA name of the zone whose clock that is. */
  readonly timeZone: string;
  /** On which days it begins; never none. */
  readonly days: readonly Weekday[];
  /** How much of one peak a bake must cover; left out: the whole of it. */
  readonly atLeastMs?: DurationMs;
}

/** One peak: from `starts`, which is in it, to `ends`, which is not. */
export interface PeakWindow {
  readonly starts: Instant;
  readonly ends: Instant;
  /** The same by the clock of its zone, for people: `2026-11-20 18:00 Europe/Berlin`. */
  readonly local: { readonly starts: string; readonly ends: string };
}

/** Peaks come again within a week, so the first that a bake can cover begins, whatever the clocks do, before so much time has passed. */
export const PEAKS_AHEAD_MS = 16 * 86_400_000;

/** The peak that a bake covers, or will have covered first, and from which moment on it has. */
export interface CoveredPeak {
  readonly window: PeakWindow;
  readonly coveredAt: Instant;
}

/**
 * Law 4: the first peak of which a bake that began at `since` sees enough. `windows`: those of {@link PEAKS_AHEAD_MS} from then on,
 * by their start. `null`: the calendar gives none, so nothing vouches for it.
 */
export function firstCovered(peak: PeakHours, windows: readonly PeakWindow[], since: Instant): CoveredPeak | null {
  for (const window of windows) {
    const needed = Math.min(peak.atLeastMs ?? Number.POSITIVE_INFINITY, window.ends - window.starts);
    const from = Math.max(since, window.starts);
    if (window.ends - from >= needed) return { window, coveredAt: from + needed };
  }
  return null;
}

/**
 * When a bake that began at `since` must have its evidence. Waiting for a peak is not a lack of evidence: from the peak on there is
 * as much time to gather the rest as the pipeline gives beyond its minimum.
 */
export function bakeDeadline(
  { minimumMs, deadlineMs, peak }: Bake,
  covered: CoveredPeak | null,
  since: Instant,
): Instant {
  const plain = since + deadlineMs;
  return peak === undefined || covered === null ? plain : Math.max(plain, covered.coveredAt + (deadlineMs - minimumMs));
}

/** The windows of some peak hours that have a moment in common with [from, until), by their start. */
export type PeaksBetween = (peak: PeakHours, from: Instant, until: Instant) => readonly PeakWindow[];

/** The peak that each stage would cover first if nothing but baking took time; `null` where it asks for none. */
export function earliestPeaks(
  pipeline: Pipeline,
  now: Instant,
  peaksBetween: PeaksBetween,
): readonly (PeakWindow | null)[] {
  let since = now;
  return pipeline.stages.map(({ bake }) => {
    const began = since;
    since += bake.minimumMs;
    if (bake.peak === undefined) return null;
    const covered = firstCovered(bake.peak, peaksBetween(bake.peak, began, began + PEAKS_AHEAD_MS), began);
    since = Math.max(since, covered?.coveredAt ?? since);
    return covered?.window ?? null;
  });
}

/** What the baking of a whole rollout takes at the least, with its waits for peaks. */
export function leastBakingMs(pipeline: Pipeline, now: Instant, peaks: readonly (PeakWindow | null)[]): DurationMs {
  let since = now;
  for (const [index, { bake }] of pipeline.stages.entries()) {
    const window = peaks[index] ?? null;
    const covered = window === null || bake.peak === undefined ? null : firstCovered(bake.peak, [window], since);
    since = Math.max(since + bake.minimumMs, covered?.coveredAt ?? since);
  }
  return since - now;
}

/** `18:00 to 20:00 Europe/Berlin, mon-fri`. */
export function sayPeakHours({ from, to, timeZone, days }: Omit<PeakHours, 'atLeastMs'>): string {
  return `${from} to ${to} ${timeZone}${days.length === WEEKDAYS.length ? '' : `, ${sayDays(days)}`}`;
}

/** Three days and more in a row are said as a span. */
function sayDays(days: readonly Weekday[]): string {
  const runs: Weekday[][] = [];
  for (const day of WEEKDAYS) {
    if (!days.includes(day)) continue;
    const before = runs.at(-1);
    const last = before?.at(-1);
    if (before !== undefined && last !== undefined && WEEKDAYS.indexOf(last) === WEEKDAYS.indexOf(day) - 1)
      before.push(day);
    else runs.push([day]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(', '))).join(', ');
}
