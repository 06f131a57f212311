import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { World } from '../../core/record/world.ts';
import type { Standing } from '../../core/rollout/tally.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { FigureIntake, Measurement } from '../ports/figures.ts';
import { type FigureWindow, FigureWindows } from './figureWindows.ts';
import { HeldBook } from './heldBook.ts';
import { ReportRhythm } from './reportRhythm.ts';
import { turned } from './targetSamples.ts';
import { windowMsOf } from './windowLength.ts';

/** No source is asked less often than every two minutes. */
const LATELY_MS: DurationMs = 300_000;

export interface FigureDeskParts {
  readonly clock: Clock;
  readonly world: () => World;
  readonly standing: (uid: string) => Standing | null;
}

/** Where everything that is measured on targets arrives, whoever measured it. */
export class FigureDesk implements FigureIntake {
  readonly held = new HeldBook();
  readonly #parts: FigureDeskParts;
  readonly #windows: FigureWindows;
  #rhythm = new ReportRhythm();
  #watched: ReadonlySet<string> = new Set();
  /** When something was last measured, by service, role and metric. */
  readonly #seen = new Map<string, DurationMs>();

  constructor(parts: FigureDeskParts) {
    this.#parts = parts;
    this.#windows = new FigureWindows(parts.clock, (service) => windowMsOf(parts.world().pipelines.values(), service));
  }

  measured(uid: string, measurement: Measurement): void {
    const { targets, services } = this.#parts.world();
    const target = targets.get(uid);
    if (target === undefined) return;
    const { metric, figures } = measurement;
    const spec = services.get(target.service)?.metrics[metric];
    const now = this.#parts.clock.monotonic();
    this.#seen.set(`${target.service}\n${target.role}\n${metric}`, now);
    if (this.#watched.has(target.service)) this.#rhythm.reported(uid, metric, now);
    const isAlert = spec !== undefined && 'alert' in spec;
    this.#windows.add(target, isAlert ? { ...measurement, figures: turned(figures) } : measurement);
  }

  fault(service: string, metric: string, fault: MetricFault | null): void {
    this.#windows.fault(service, metric, fault);
  }

  /** A target has said something of itself. */
  heardOf({ uid }: Target): void {
    const slots = this.#parts.standing(uid)?.slots;
    if (slots) this.held.heard(uid, slots, this.#parts.clock.monotonic());
  }

  forget(uid: string): void {
    this.held.forget(uid);
    this.#rhythm.forget(uid);
  }

  faultsOf(service: string): ReadonlyMap<string, MetricFault> {
    return this.#windows.faultsOf(service);
  }

  /** Whether a metric was measured on a role of late. */
  isMeasured(service: string, role: string, metric: string): boolean {
    const at = this.#seen.get(`${service}\n${role}\n${metric}`);
    return at !== undefined && this.#parts.clock.monotonic() - at <= LATELY_MS;
  }

  windowMsOf(service: string): DurationMs {
    return windowMsOf(this.#parts.world().pipelines.values(), service);
  }

  /** Metrics that a target should have reported again by now. */
  overdue(uid: string, windowMs: DurationMs): readonly string[] {
    return this.#rhythm.overdue(uid, this.#parts.clock.monotonic(), windowMs);
  }

  /** On these services something is judged now: there every window counts, and so does what does not come. */
  watch(services: ReadonlySet<string>): void {
    this.#watched = services;
    if (services.size === 0) this.#rhythm = new ReportRhythm();
    for (const service of services) this.#windows.watch(service);
  }

  takeClosed(): readonly FigureWindow[] {
    return this.#windows.takeClosed();
  }
}
