import { sketchSince } from '../../core/analysis/sketchChange.ts';
import type { Figures } from '../../core/analysis/targetSample.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Measurement } from '../ports/figures.ts';
import type { Counted, TargetObservation } from '../ports/fleet.ts';

/** What was last heard of a metric under one revision. */
interface Heard {
  readonly slot: SlotName;
  readonly artifact: Digest | null;
  readonly epoch: number;
  counted: Counted;
  /** For how long it had been counted; of who does not say: when it was heard. */
  ms: DurationMs;
}

/** Of one metric so many slots and epochs are remembered. */
const MOST_REMEMBERED = 32;
const MS_PER_MINUTE = 60_000;

/**
 * Turns what one target says has come together since each epoch began into what is new since it was last heard of. What is said twice,
 * or late, is not new; what was lost is in what is said next; what is not said this time (its service is restarting) goes on from
 * where it was. Remembers the metrics it is given: it is for the caller to give only those that somebody asked for.
 */
export class ObservedTotals {
  /** By metric, oldest first. Searched, since that is faster than to make a key of all that tells them apart. */
  readonly #heard = new Map<string, Heard[]>();
  /** When it last said anything; `null`: never. */
  #takenAt: DurationMs | null = null;

  /** `now`: by a clock that never jumps. */
  take(observations: Iterable<TargetObservation>, now: DurationMs): readonly Measurement[] {
    // What a target had counted before this process first heard of it cannot be told apart in time; it is not counted.
    const isFirst = this.#heard.size === 0;
    const measurements: Measurement[] = [];
    for (const observation of observations) {
      const { metric, slot, artifact, countedMs } = observation;
      const ms = countedMs ?? now;
      const before = this.#find(observation) ?? this.#begin(observation, isFirst, ms);
      const figures = newSince(before.counted, observation);
      // Who does not say counts for no longer than since it last said anything: in between it may have held something else.
      const since = countedMs === undefined ? Math.max(before.ms, this.#takenAt ?? now) : before.ms;
      const minutes = Math.max(0, ms - since) / MS_PER_MINUTE;
      if (!isOlder(observation, ms, before)) {
        before.counted = countedOf(observation);
        before.ms = ms;
      }
      if (figures !== null) measurements.push({ metric, figures, minutes, under: { slot, artifact } });
    }
    this.#takenAt = now;
    return measurements;
  }

  #find({ metric, slot, artifact, epoch }: TargetObservation): Heard | undefined {
    const heard = this.#heard.get(metric);
    return heard?.find((each) => each.epoch === epoch && each.slot === slot && each.artifact === artifact);
  }

  #begin(observation: TargetObservation, isFirst: boolean, ms: DurationMs): Heard {
    const { metric, slot, artifact, epoch } = observation;
    const counted = isFirst ? countedOf(observation) : nothingLike(observation);
    const begun = { slot, artifact, epoch, counted, ms: isFirst ? ms : 0 };
    const heard = this.#heard.get(metric);
    if (heard === undefined) this.#heard.set(metric, [begun]);
    else if (heard.push(begun) > MOST_REMEMBERED) heard.shift();
    return begun;
  }
}

/** `null`: nothing is. That a counter has not grown is something. */
function newSince(before: Counted, now: Counted): Figures | null {
  if ('total' in now) return [Math.max(0, now.total - ('total' in before ? before.total : 0))];
  if ('sketch' in now) return 'sketch' in before ? sketchSince(before.sketch, now.sketch) : now.sketch;
  const { taken, last } = now.readings;
  const known = 'readings' in before ? before.readings.taken : 0;
  return taken > known ? last.slice(Math.max(0, last.length - (taken - known))) : null;
}

/** Nothing that is counted ever falls, so what is less was said before. */
function isOlder(now: Counted, ms: DurationMs, before: Heard): boolean {
  if ('total' in now && 'total' in before.counted) return now.total < before.counted.total;
  return ms < before.ms;
}

/** Without all that an observation says beside it. Of a gauge, how often it was read is enough. */
function countedOf(counted: Counted): Counted {
  if ('total' in counted) return { total: counted.total };
  if ('sketch' in counted) return { sketch: counted.sketch };
  return { readings: { taken: counted.readings.taken, last: [] } };
}

function nothingLike(counted: Counted): Counted {
  if ('total' in counted) return { total: 0 };
  if ('sketch' in counted) return { sketch: { bounds: [], counts: [], sum: 0 } };
  return { readings: { taken: 0, last: [] } };
}
