import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlPlane } from '../ports/controlPlane.ts';

/** What a service's metrics may name to have it counted here, for each part of the users and each revision. */
export const FLAG_COUNTERS = {
  evaluations: 'ringfence_flag_evaluations_total',
  errors: 'ringfence_flag_errors_total',
} as const;

/** What was counted is said so often, while something is. */
const SAY_EVERY_MS = 500;

interface Total {
  readonly slot: SlotName;
  readonly artifact: Digest | null;
  evaluations: number;
  errors: number;
  /** For how long it was served before; since when it is, by a clock that never jumps, or `null` while it is not. */
  servedMs: DurationMs;
  servedSince: DurationMs | null;
}

interface Counted {
  readonly target: Target;
  /** By slot and revision. */
  readonly totals: Map<string, Total>;
}

/**
 * How often flags were evaluated for each part of the users, and how often they could not be (law 4: exposure). Targets with an agent
 * count for themselves.
 */
export class FlagCounts {
  readonly #options: { readonly controlPlane: Pick<ControlPlane, 'world' | 'fleet'>; readonly clock: Clock };
  readonly #counted = new Map<string, Counted>();
  readonly #news = new Set<string>();
  readonly #epoch: number;
  #cancel: (() => void) | null = null;

  constructor(options: { readonly controlPlane: Pick<ControlPlane, 'world' | 'fleet'>; readonly clock: Clock }) {
    this.#options = options;
    // A process that starts anew counts from nothing: its counts are not to be taken for those of the one before.
    this.#epoch = Math.floor(options.clock.now() / 1000);
  }

  /** One flag was evaluated, be it that there is none; `failed`: it could not be. */
  count(target: Target, slot: SlotName, artifact: Digest | null, failed: boolean): void {
    const total = this.#totalOf(target, slot, artifact);
    total.evaluations++;
    if (failed) total.errors++;
    this.#news.add(target.uid);
    this.#cancel ??= this.#options.clock.after(SAY_EVERY_MS, () => {
      this.#cancel = null;
      this.#say();
    });
  }

  /** The target is served from these revisions now: they are counted from here on, be it nothing. */
  show(target: Target, served: ReadonlyMap<SlotName, Digest | null>): void {
    const now = this.#options.clock.monotonic();
    for (const total of this.#counted.get(target.uid)?.totals.values() ?? []) {
      if (total.servedSince === null || served.get(total.slot) === total.artifact) continue;
      total.servedMs += now - total.servedSince;
      total.servedSince = null;
    }
    for (const [slot, artifact] of served) this.#totalOf(target, slot, artifact).servedSince ??= now;
    this.#tell(target);
  }

  forget(uid: string): void {
    this.#counted.delete(uid);
  }

  close(): void {
    this.#cancel?.();
  }

  #totalOf(target: Target, slot: SlotName, artifact: Digest | null): Total {
    const counted = this.#counted.get(target.uid) ?? { target, totals: new Map() };
    this.#counted.set(target.uid, counted);
    const key = `${slot}\n${artifact}`;
    const total = counted.totals.get(key) ?? {
      slot,
      artifact,
      evaluations: 0,
      errors: 0,
      servedMs: 0,
      servedSince: null,
    };
    // The newest last; a revision that was left long ago is not counted any more.
    counted.totals.delete(key);
    counted.totals.set(key, total);
    const [oldest] = counted.totals.keys();
    if (counted.totals.size > 16 && oldest !== undefined) counted.totals.delete(oldest);
    return total;
  }

  #say(): void {
    for (const uid of this.#news) {
      const counted = this.#counted.get(uid);
      if (counted !== undefined) this.#tell(counted.target);
    }
    this.#news.clear();
  }

  #tell(target: Target): void {
    const service = this.#options.controlPlane.world().services.get(target.service);
    if (service?.shares?.[target.role] === undefined) return;
    const metrics = Object.entries(service.metrics).flatMap(([metric, spec]): [string, 'evaluations' | 'errors'][] => {
      const counter = 'counter' in spec ? spec.counter : '';
      if (counter === FLAG_COUNTERS.evaluations) return [[metric, 'evaluations']];
      return counter === FLAG_COUNTERS.errors ? [[metric, 'errors']] : [];
    });
    const totals = [...(this.#counted.get(target.uid)?.totals.values() ?? [])];
    const now = this.#options.clock.monotonic();
    const observations = metrics.flatMap(([metric, of]) =>
      totals.map(({ slot, artifact, servedMs, servedSince, [of]: total }) => ({
        metric,
        slot,
        artifact,
        epoch: this.#epoch,
        total,
        present: true,
        countedMs: servedMs + (servedSince === null ? 0 : now - servedSince),
      })),
    );
    if (observations.length === 0) return;
    this.#options.controlPlane.fleet.observe(target.uid, {
      observations,
      exposedCounters: Object.values(FLAG_COUNTERS),
      scrapeError: '',
    });
  }
}
