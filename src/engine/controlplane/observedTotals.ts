import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Measurement } from '../ports/figures.ts';
import type { TargetObservations } from '../ports/fleet.ts';

type Observation = TargetObservations['observations'][number];

interface Heard {
  readonly total: number;
  /** By a clock that never jumps. */
  readonly at: DurationMs;
}

/** So many are remembered of one target. */
const MOST_REMEMBERED = 256;
const MS_PER_MINUTE = 60_000;
const NOTHING: ReadonlyMap<string, Heard> = new Map();

/** Turns what one target says it has counted since each epoch began into what it counted since it was last heard of. */
export class ObservedTotals {
  /** By metric, slot, artifact and epoch. */
  #heard: ReadonlyMap<string, Heard> = NOTHING;

  /** What is new in each of these, in their order. Only of what is present. */
  take(observations: readonly Observation[], now: DurationMs): readonly Measurement[] {
    const heard = new Map<string, Heard>();
    const measurements = observations.map(({ metric, slot, artifact, epoch, total }) => {
      const key = `${metric}\n${slot}\n${artifact}\n${epoch}`;
      const before = this.#heard.get(key);
      // What a target had counted before this process first heard of it cannot be told apart in time; it is not counted.
      const known = before?.total ?? (this.#heard.size > 0 ? 0 : total);
      heard.set(key, { total: Math.max(known, total), at: now });
      const figures = [Math.max(0, total - known)];
      const minutes = before === undefined ? 0 : Math.max(0, now - before.at) / MS_PER_MINUTE;
      return { metric, figures, minutes, under: { slot, artifact } };
    });
    // A target that read nothing this time (its service is restarting) goes on from where it was.
    for (const [key, last] of this.#heard) if (!heard.has(key) && heard.size < MOST_REMEMBERED) heard.set(key, last);
    this.#heard = heard;
    return measurements;
  }
}
