import type { MetricReading } from '../ports/scrape.ts';
import type { Counting } from './revisionCounts.ts';

/** What the series of a gauge showed together, reading by reading. */
export class GaugeLog implements Counting {
  #taken = 0;
  #last: readonly number[] = [];

  constructor(first: MetricReading) {
    this.take(first);
  }

  get counted() {
    return { readings: { taken: this.#taken, last: this.#last } };
  }

  take(reading: MetricReading): void {
    // What nobody shows is not 0.
    if (!('series' in reading) || reading.series.size === 0) return;
    const value = reading.series.values().reduce((sum, each) => sum + each, 0);
    // Each is finite, and the sum need not be.
    if (!Number.isFinite(value)) return;
    this.#taken++;
    this.#last = [...this.#last, value].slice(-KEPT);
  }
}

/** As many reports may be lost in a row, and no reading is. */
const KEPT = 32;
