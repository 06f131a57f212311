import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { Measurement } from '../ports/figures.ts';

/** A measurement, and when its figures begin, by a clock that never jumps. */
export interface Gathered extends Measurement {
  readonly from: DurationMs;
}

/** What arrived of one service in one window. */
export interface FigureWindow {
  readonly service: string;
  /** End of the window, by the wall clock. */
  readonly at: Instant;
  readonly lengthMs: DurationMs;
  /** When it began, by a clock that never jumps. */
  readonly from: DurationMs;
  /** By uid. */
  readonly targets: ReadonlyMap<string, readonly Gathered[]>;
  /** By metric: what could not be known when the window closed. */
  readonly faults: ReadonlyMap<string, MetricFault>;
}

interface Open {
  readonly startedAt: DurationMs;
  readonly lengthMs: DurationMs;
  readonly targets: Map<string, Gathered[]>;
}

/** More figures than this of one target in one window are not kept: no source has so many, and memory has an end. */
const MOST_OF_A_TARGET = 512;

/**
 * Gathers what is measured on the targets of each service into windows by the server's own clock: a figure belongs to the window in
 * which it arrives. Windows follow each other without gaps; those in which nothing arrived are left out.
 */
export class FigureWindows {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #lengthOf: (service: string) => DurationMs;
  readonly #open = new Map<string, Open>();
  readonly #faults = new Map<string, Map<string, MetricFault>>();
  #closed: FigureWindow[] = [];

  /** `lengthOf` is asked when a window begins. */
  constructor(clock: Pick<Clock, 'now' | 'monotonic'>, lengthOf: (service: string) => DurationMs) {
    this.#clock = clock;
    this.#lengthOf = lengthOf;
  }

  add({ service, uid }: Target, measurement: Measurement): void {
    const now = this.#clock.monotonic();
    const { targets } = this.#windowOf(service, now);
    const gathered = { ...measurement, from: now - measurement.minutes * 60_000 - (measurement.ageMs ?? 0) };
    const figures = targets.get(uid);
    if (figures === undefined) targets.set(uid, [gathered]);
    else if (figures.length < MOST_OF_A_TARGET) figures.push(gathered);
  }

  fault(service: string, metric: string, fault: MetricFault | null): void {
    const faults = this.#faults.get(service) ?? new Map<string, MetricFault>();
    if (fault === null) faults.delete(metric);
    else faults.set(metric, fault);
    if (faults.size === 0) this.#faults.delete(service);
    else this.#faults.set(service, faults);
    // What cannot be known is news even where nothing else arrives.
    if (fault !== null) this.#windowOf(service, this.#clock.monotonic());
  }

  /** There is to be a window of this service now, though nothing may arrive: that is news where something should. */
  watch(service: string): void {
    this.#windowOf(service, this.#clock.monotonic());
  }

  /** What is wrong with a service's metrics now, by metric. */
  faultsOf(service: string): ReadonlyMap<string, MetricFault> {
    return this.#faults.get(service) ?? NO_FAULTS;
  }

  /** The windows that have ended since the last call, oldest first. */
  takeClosed(): readonly FigureWindow[] {
    const now = this.#clock.monotonic();
    for (const service of [...this.#open.keys()]) this.#close(service, now);
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  #windowOf(service: string, now: DurationMs): Open {
    this.#close(service, now);
    let open = this.#open.get(service);
    if (open === undefined) {
      const lengthMs = this.#lengthOf(service);
      open = { startedAt: Math.floor(now / lengthMs) * lengthMs, lengthMs, targets: new Map() };
      this.#open.set(service, open);
    }
    return open;
  }

  #close(service: string, now: DurationMs): void {
    const open = this.#open.get(service);
    if (open === undefined || now < open.startedAt + open.lengthMs) return;
    this.#open.delete(service);
    const at = this.#clock.now() - Math.round(now - open.startedAt - open.lengthMs);
    const faults = new Map(this.#faults.get(service));
    this.#closed.push({ service, at, lengthMs: open.lengthMs, from: open.startedAt, targets: open.targets, faults });
    // As long as something cannot be known, every window says so.
    if (faults.size > 0) this.#windowOf(service, now);
  }
}

const NO_FAULTS: ReadonlyMap<string, MetricFault> = new Map();
