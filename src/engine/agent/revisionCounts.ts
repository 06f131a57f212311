import type { Content } from '../../core/agent/slot.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { ScrapedMetric } from '../../core/topology/metric.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Counted, TargetObservation } from '../ports/fleet.ts';
import type { ExpositionReading, MetricReading, Watches } from '../ports/scrape.ts';
import { CounterTotal } from './counterTotal.ts';
import { GaugeLog } from './gaugeLog.ts';
import { HistogramTotal } from './histogramTotal.ts';

/** What is in force in a slot. `serial` changes whenever something else is put in force, even the same bytes again. */
export interface InForce {
  readonly content: Content;
  readonly serial: number;
}

/** What one metric has come to since counting began. */
export interface Counting {
  /** Of a later reading. `restarted`: the service's process is another one than at the reading before. */
  take(reading: MetricReading, restarted: boolean): void;
  readonly counted: Counted;
}

interface Count {
  readonly serial: number;
  readonly source: string;
  readonly epoch: number;
  readonly begun: DurationMs;
  readonly counting: Counting;
}

/**
 * Turns what only ever grows, and begins anew when the service does, into counts since a revision came into force. The first reading
 * after that is where counting starts, so nothing of the revision before is counted, nor what happened in between. What falls, or a
 * process that started anew, has begun at 0: what it shows has been counted since.
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

  /** Slots that are not in `inForce` are between two revisions: nothing is counted for them. `now`: by a clock that never jumps. */
  count(
    reading: ExpositionReading,
    watches: Watches,
    inForce: ReadonlyMap<SlotName, InForce>,
    now: DurationMs,
  ): readonly TargetObservation[] {
    const restarted =
      reading.processStart !== null && this.#processStart !== null && reading.processStart !== this.#processStart;
    this.#processStart = reading.processStart ?? this.#processStart;
    const observations: TargetObservation[] = [];
    const counted = new Set<string>();
    for (const [slot, { content, serial }] of inForce) {
      for (const [metric, watch] of Object.entries(watches)) {
        const read = reading.metrics[metric];
        if (read === undefined) continue;
        const key = `${slot}\n${metric}`;
        const count = this.#advance(key, serial, watch, read, restarted, now);
        counted.add(key);
        observations.push({
          metric,
          slot,
          artifact: content === 'absent' ? null : content,
          epoch: count.epoch,
          present: read.present,
          countedMs: now - count.begun,
          ...count.counting.counted,
        });
      }
    }
    for (const key of this.#counts.keys()) if (!counted.has(key)) this.#counts.delete(key);
    return observations;
  }

  #advance(
    key: string,
    serial: number,
    watch: ScrapedMetric,
    read: MetricReading,
    restarted: boolean,
    now: DurationMs,
  ): Count {
    const known = this.#counts.get(key);
    const source = JSON.stringify(watch);
    if (known !== undefined && known.serial === serial && known.source === source) {
      known.counting.take(read, restarted);
      return known;
    }
    const begun = { serial, source, epoch: this.#nextEpoch++, begun: now, counting: countingOf(watch, read) };
    // Counting begins with what could be read.
    if (read.problem === '') this.#counts.set(key, begun);
    else this.#counts.delete(key);
    return begun;
  }
}

function countingOf(watch: ScrapedMetric, first: MetricReading): Counting {
  if ('counter' in watch) return new CounterTotal(first);
  return 'gauge' in watch ? new GaugeLog(first) : new HistogramTotal(first);
}

const EPOCHS_PER_START = 2 ** 24;
