import type { DurationMs } from '../../core/kernel/instant.ts';
import type { MetricSpec } from '../../core/topology/metric.ts';
import type { TargetReport } from '../ports/fleet.ts';

export type HealthSpec = Extract<MetricSpec, { check: string } | { health: string }>;

/** Those of a service's metrics, by name, that are known from what targets say of themselves. */
export function healthMetrics(
  metrics: Readonly<Record<string, MetricSpec>>,
): readonly (readonly [string, HealthSpec])[] {
  return Object.entries(metrics).flatMap(([name, metric]) =>
    'check' in metric || 'health' in metric ? [[name, metric] as const] : [],
  );
}

/** Whether a target says that it is well; `null`: it says nothing of it. */
export function wellBy(metric: HealthSpec, { slots, checks, components }: TargetReport): boolean | null {
  if ('check' in metric) return checks.find(({ name }) => name === metric.check)?.healthy ?? null;
  const component = components?.find(({ path }) => path === metric.health);
  if (component !== undefined) return component.healthy;
  // Our own agents say it of each of their parts.
  if (metric.health !== '' || components !== undefined) return null;
  return checks.every(({ healthy }) => healthy) && slots.every(({ phase }) => phase !== 'failed');
}

interface Share {
  readonly metric: HealthSpec;
  isWell: boolean | null;
  wellMs: DurationMs;
  knownMs: DurationMs;
}

/** For how long a target was well, of the time of which that is known. What it says holds until it says otherwise, or is lost. */
export class HealthClock {
  #report: TargetReport | null = null;
  #at: DurationMs = 0;
  readonly #shares = new Map<string, Share>();

  /** `null`: it is lost, and how it is now is not known. `now`: by a clock that never jumps. */
  hear(report: TargetReport | null, now: DurationMs): void {
    this.#pass(now);
    this.#report = report;
    for (const share of this.#shares.values()) share.isWell = this.#isWell(share.metric);
  }

  /** Since it was asked this last; `null` where nothing is known of that time, and the first time. */
  take(name: string, metric: HealthSpec, now: DurationMs): { readonly well: number; readonly ms: DurationMs } | null {
    this.#pass(now);
    const since = this.#shares.get(name);
    this.#shares.set(name, { metric, isWell: this.#isWell(metric), wellMs: 0, knownMs: 0 });
    return since === undefined || since.knownMs === 0
      ? null
      : { well: since.wellMs / since.knownMs, ms: since.knownMs };
  }

  #isWell(metric: HealthSpec): boolean | null {
    return this.#report === null ? null : wellBy(metric, this.#report);
  }

  #pass(now: DurationMs): void {
    const ms = now - this.#at;
    this.#at = now;
    for (const share of this.#shares.values()) {
      if (share.isWell === null) continue;
      share.knownMs += ms;
      if (share.isWell) share.wellMs += ms;
    }
  }
}
