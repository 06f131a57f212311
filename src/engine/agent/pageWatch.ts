import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Clock } from '../ports/clock.ts';
import type { TargetObservations } from '../ports/fleet.ts';
import type { Scrape, Watches } from '../ports/scrape.ts';
import { type InForce, RevisionCounts } from './revisionCounts.ts';

export interface PageWatchOptions {
  readonly scrape: Scrape;
  readonly everyMs: DurationMs;
  readonly clock: Clock;
  /** How often the agent was started. */
  readonly starts: number;
  readonly slots: ReadonlyMap<SlotName, { readonly inForce: InForce | null }>;
  readonly observe: (observations: TargetObservations) => void;
  /** What the service shows comes from another process than before, while nothing was being changed. */
  readonly restarted: (says: string) => void;
}

/** Reads the service's metrics page again and again, and says what came together under each revision in force since it came. */
export class PageWatch {
  readonly #options: PageWatchOptions;
  readonly #counts: RevisionCounts;
  readonly #stop = new AbortController();
  #watches: Watches = {};
  #inForce: ReadonlyMap<SlotName, InForce> = new Map();
  /** Of the process that was last read, and what was in force then. */
  #started: { readonly at: number; readonly under: string } | null = null;
  #reading = false;
  #again = false;
  #cancelWait = () => {};

  constructor(options: PageWatchOptions) {
    this.#options = options;
    this.#counts = new RevisionCounts(options.starts);
  }

  start(): void {
    void this.#read();
  }

  stop(): void {
    this.#stop.abort();
    this.#cancelWait();
  }

  /** What to read from now on. */
  watch(watches: Watches): void {
    if (JSON.stringify(watches) === JSON.stringify(this.#watches)) return;
    this.#watches = watches;
    this.#readSoon();
  }

  /** Something may be in force now that was not before: counting it begins with a reading, so one is made at once. */
  look(): void {
    const before = this.#inForce;
    const now = this.#nowInForce();
    if ([...now].some(([slot, { serial }]) => before.get(slot)?.serial !== serial)) this.#readSoon();
  }

  #readSoon(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#reading) this.#again = true;
    else void this.#read();
  }

  async #read(): Promise<void> {
    this.#cancelWait();
    this.#reading = true;
    this.#again = false;
    const { scrape, observe, clock, everyMs } = this.#options;
    const before = this.#nowInForce();
    const watches = this.#watches;
    const reading = await scrape.read(watches, this.#stop.signal);
    this.#reading = false;
    if (this.#stop.signal.aborted) return;
    if (reading.ok) {
      // Only what was in force all the while: the reading may be from before a change that came during it.
      const after = this.#nowInForce();
      this.#inForce = new Map([...before].filter(([slot, { serial }]) => after.get(slot)?.serial === serial));
      this.#sawProcess(reading.value.processStart);
      const observations = this.#counts.count(reading.value, watches, this.#inForce, clock.monotonic());
      const { counters: exposedCounters, gauges: exposedGauges, histograms: exposedHistograms } = reading.value.exposed;
      const problems = Object.values(reading.value.metrics).flatMap(({ problem }) => problem || []);
      const scrapeError = problems.join('; ');
      observe({ observations, exposedCounters, exposedGauges, exposedHistograms, scrapeError });
    } else {
      observe({ observations: [], exposedCounters: [], scrapeError: reading.error });
    }
    this.#cancelWait = clock.after(this.#again ? 0 : everyMs, () => void this.#read());
  }

  #sawProcess(at: number | null): void {
    if (at === null) return;
    // A slot that is being changed has none: what the service does then is its own affair.
    const under = [...this.#inForce].map(([slot, { serial }]) => `${slot} ${serial}`).join();
    const before = this.#started;
    this.#started = { at, under };
    // Some exporters work it out anew each time, from clocks that are set.
    if (before === null || before.under !== under || Math.abs(at - before.at) <= 1) return;
    this.#options.restarted(`its process started at ${at}, the one before at ${before.at} (Unix time)`);
  }

  #nowInForce(): ReadonlyMap<SlotName, InForce> {
    return new Map(
      [...this.#options.slots].flatMap(([slot, { inForce }]) => (inForce === null ? [] : [[slot, inForce] as const])),
    );
  }
}
