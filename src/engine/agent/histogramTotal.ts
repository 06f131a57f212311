import { coarsened, sketchSince, sumOfSketches } from '../../core/analysis/sketchChange.ts';
import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { MetricReading } from '../ports/scrape.ts';
import type { Counting } from './revisionCounts.ts';

/** What was observed in the series of a histogram together, since the first reading. */
export class HistogramTotal implements Counting {
  #total: Sketch = { bounds: [], counts: [], sum: 0 };
  /** Series by labels, with the sketch last read. */
  #last: ReadonlyMap<string, Sketch>;

  constructor(first: MetricReading) {
    this.#last = sketchesOf(first);
    for (const sketch of this.#last.values()) this.#add(emptied(sketch));
  }

  get counted() {
    return { sketch: this.#total };
  }

  take(reading: MetricReading, restarted: boolean): void {
    const series = sketchesOf(reading);
    // A series that cannot be read this time is not gone: it goes on from where it was.
    const last = new Map(restarted ? [] : this.#last);
    for (const [labels, sketch] of series) {
      const before = last.get(labels);
      const gained = before === undefined ? null : sketchSince(before, sketch);
      this.#add(gained ?? sketch);
      last.set(labels, sketch);
    }
    this.#last = last.size > MOST_SERIES ? series : last;
  }

  #add(gained: Sketch): void {
    const total = coarsened(sumOfSketches(this.#total, gained), MOST_BUCKETS);
    // A service may observe so much that no number holds it; what it adds then is passed over.
    if (Number.isFinite(total.sum) && total.counts.every(Number.isFinite)) this.#total = total;
  }
}

function sketchesOf(reading: MetricReading): ReadonlyMap<string, Sketch> {
  if (!('sketches' in reading)) return new Map();
  return new Map(reading.sketches.entries().map(([labels, sketch]) => [labels, coarsened(sketch, MOST_BUCKETS)]));
}

/** The same buckets with nothing in them: what nobody has observed yet has its layout already. */
function emptied({ bounds }: Sketch): Sketch {
  return { bounds, counts: bounds.map(() => 0), sum: 0 };
}

/** Of a sketch on its way to the server. */
const MOST_BUCKETS = 160;
/** As of a counter, but each takes more room. */
const MOST_SERIES = 5_000;
