import type { Content } from '../../core/agent/slot.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { TargetObservations } from '../ports/fleet.ts';
import type { CounterReading, MetricReading } from '../ports/scrape.ts';

/** What is in force in a slot. `serial` changes whenever something else is put in force, even the same bytes again. */
export interface InForce {
  readonly content: Content;
  readonly serial: number;
}

interface Count {
  readonly serial: number;
  readonly counter: string;
  readonly epoch: number;
  total: number;
  /** Series by labels, with the value last read. */
  last: ReadonlyMap<string, number>;
}

/**
 * Turns counters that only ever grow, and begin anew when the service does, into counts since a revision came into force. The
 * first reading after that is where counting starts, so nothing of the revision before is counted, nor what happened in between.
 * A counter that falls, or a process that started anew, has begun at 0: what it shows has been counted since.
 */
export class RevisionCounts {
  readonly #counts = new Map<string, Count>();
  /** Epochs grow, over restarts of the agent too. */
  #nextEpoch: number;
  #processStart: number | null = null;

  /** `starts`: how often the agent was started; makes its epochs its own. */
  constructor(starts: number) {
    this.#nextEpoch = starts * EPOCHS_PER_START;
  }

  /** Slots that are not in `inForce` are between two revisions: nothing is counted for them. */
  count(
    reading: CounterReading,
    watches: Readonly<Record<string, string>>,
    inForce: ReadonlyMap<SlotName, InForce>,
  ): TargetObservations['observations'] {
    const restarted =
      reading.processStart !== null && this.#processStart !== null && reading.processStart !== this.#processStart;
    this.#processStart = reading.processStart ?? this.#processStart;
    const observations: TargetObservations['observations'][number][] = [];
    const counted = new Set<string>();
    for (const [slot, { content, serial }] of inForce) {
      for (const [metric, counter] of Object.entries(watches)) {
        const read = reading.metrics[metric];
        if (read === undefined) continue;
        const key = `${slot}\n${metric}`;
        counted.add(key);
        const count = this.#advance(key, serial, counter, read, restarted);
        observations.push({
          metric,
          slot,
          artifact: content === 'absent' ? null : content,
          epoch: count.epoch,
          total: count.total,
          present: read.present,
        });
      }
    }
    for (const key of this.#counts.keys()) if (!counted.has(key)) this.#counts.delete(key);
    return observations;
  }

  #advance(key: string, serial: number, counter: string, read: MetricReading, restarted: boolean): Count {
    const known = this.#counts.get(key);
    if (known === undefined || known.serial !== serial || known.counter !== counter) {
      const started = { serial, counter, epoch: this.#nextEpoch++, total: 0, last: read.series };
      this.#counts.set(key, started);
      return started;
    }
    // A series that cannot be read this time is not gone: it goes on from where it was.
    const last = new Map(restarted ? [] : known.last);
    for (const [labels, value] of read.series) {
      const before = last.get(labels) ?? 0;
      known.total += value >= before ? value - before : value;
      last.set(labels, value);
    }
    known.last = last.size > MOST_SERIES ? read.series : last;
    return known;
  }
}

const EPOCHS_PER_START = 2 ** 24;

/** Beyond this, a service that keeps making up new label values has those forgotten that it shows no more. */
const MOST_SERIES = 50_000;
