import type { MetricReading } from '../ports/scrape.ts';
import type { Counting } from './revisionCounts.ts';

/** How much the series of a counter have grown together, since the first reading. */
export class CounterTotal implements Counting {
  #total = 0;
  /** Series by labels, with the value last read. */
  #last: ReadonlyMap<string, number>;

  constructor(first: MetricReading) {
    this.#last = numbersOf(first);
  }

  get counted() {
    return { total: this.#total };
  }

  take(reading: MetricReading, restarted: boolean): void {
    const series = numbersOf(reading);
    // A series that cannot be read this time is not gone: it goes on from where it was.
    const last = new Map(restarted ? [] : this.#last);
    for (const [labels, value] of series) {
      const before = last.get(labels) ?? 0;
      this.#total += value >= before ? value - before : value;
      last.set(labels, value);
    }
    this.#last = last.size > MOST_SERIES ? series : last;
  }
}

function numbersOf(reading: MetricReading): ReadonlyMap<string, number> {
  return 'series' in reading ? reading.series : new Map();
}

/** Beyond this, a service that keeps making up new label values has those forgotten that it shows no more. */
const MOST_SERIES = 50_000;
