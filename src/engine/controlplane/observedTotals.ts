import { sketchSince } from '../../core/analysis/sketchChange.ts';
import type { Figures } from '../../core/analysis/targetSample.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Measurement } from '../ports/figures.ts';
import type { Counted, TargetObservation } from '../ports/fleet.ts';

interface Heard {
  readonly counted: Counted;
  /** For how long it had been counted; of who does not say: when it was heard. */
  readonly ms: DurationMs;
}

/** So many are remembered of one target. */
const MOST_REMEMBERED = 256;
const MS_PER_MINUTE = 60_000;
const NOTHING: ReadonlyMap<string, Heard> = new Map();

/**
 * Turns what one target says has come together since each epoch began into what is new since it was last heard of. What is said twice,
 * or late, is not new; what was lost is in what is said next.
 */
export class ObservedTotals {
  /** By metric, slot, artifact and epoch. */
  #heard: ReadonlyMap<string, Heard> = NOTHING;
  /** When it last said anything; `null`: never. */
  #takenAt: DurationMs | null = null;

  /** `now`: by a clock that never jumps. */
  take(observations: readonly TargetObservation[], now: DurationMs): readonly Measurement[] {
    // What a target had counted before this process first heard of it cannot be told apart in time; it is not counted.
    const isFirst = this.#heard.size === 0;
    const heard = new Map<string, Heard>();
    const measurements: Measurement[] = [];
    for (const observation of observations) {
      const { metric, slot, artifact, epoch, countedMs } = observation;
      const key = `${metric}\n${slot}\n${artifact}\n${epoch}`;
      const latest = { counted: observation, ms: countedMs ?? now };
      const before = this.#heard.get(key) ?? (isFirst ? latest : undefined);
      const figures = newSince(before?.counted, observation);
      heard.set(key, before !== undefined && isOlder(latest, before) ? before : latest);
      if (figures === null) continue;
      // Who does not say counts for no longer than since it last said anything: in between it may have held something else.
      const since = countedMs === undefined ? Math.max(before?.ms ?? 0, this.#takenAt ?? now) : (before?.ms ?? 0);
      const minutes = Math.max(0, latest.ms - since) / MS_PER_MINUTE;
      measurements.push({ metric, figures, minutes, under: { slot, artifact } });
    }
    // A target that read nothing this time (its service is restarting) goes on from where it was.
    for (const [key, last] of this.#heard) if (!heard.has(key) && heard.size < MOST_REMEMBERED) heard.set(key, last);
    this.#heard = heard;
    this.#takenAt = now;
    return measurements;
  }
}

/** `null`: nothing is. That a counter has not grown is something. */
function newSince(before: Counted | undefined, now: Counted): Figures | null {
  if ('total' in now) return [Math.max(0, now.total - totalOf(before))];
  if ('sketch' in now)
    return before !== undefined && 'sketch' in before ? sketchSince(before.sketch, now.sketch) : now.sketch;
  const { taken, last } = now.readings;
  const known = before !== undefined && 'readings' in before ? before.readings.taken : 0;
  return taken > known ? last.slice(Math.max(0, last.length - (taken - known))) : null;
}

/** Nothing that is counted ever falls, so what is less was said before. */
function isOlder(latest: Heard, known: Heard): boolean {
  if ('total' in latest.counted) return latest.counted.total < totalOf(known.counted);
  return latest.ms < known.ms;
}

function totalOf(counted: Counted | undefined): number {
  return counted !== undefined && 'total' in counted ? counted.total : 0;
}
