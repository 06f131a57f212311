import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Measurement } from '../ports/figures.ts';
import type { TargetReport } from '../ports/fleet.ts';
import { HealthClock, type HealthSpec } from './healthClock.ts';

const MS_PER_MINUTE = 60_000;

/**
 * Measures health: once in each window, for what share of the time since the last one each target was well. So it counts how long it was
 * unwell, and neither how often it said so nor how short that was.
 */
export class HealthSampler {
  /** Of targets whose service has such metrics. */
  readonly #clocks = new Map<string, HealthClock>();
  /** The window in which a service was last sampled. */
  readonly #sampled = new Map<string, number>();

  /** `null`: it is lost. */
  hear(uid: string, report: TargetReport | null, now: DurationMs): void {
    this.#clocks.get(uid)?.hear(report, now);
  }

  forget(uid: string): void {
    this.#clocks.delete(uid);
  }

  /** Whether a window of the service has begun in which it was not sampled yet; said once. */
  isDue(service: string, windowMs: DurationMs, now: DurationMs): boolean {
    const window = Math.floor(now / windowMs);
    if (this.#sampled.get(service) === window) return false;
    this.#sampled.set(service, window);
    return true;
  }

  /** What these targets were like since they were last sampled, by what they last said of themselves. */
  *sample(
    metrics: readonly (readonly [name: string, metric: HealthSpec])[],
    targets: Iterable<readonly [Target, TargetReport]>,
    now: DurationMs,
  ): Iterable<readonly [Target, Measurement]> {
    if (metrics.length === 0) return;
    for (const [target, report] of targets) {
      const clock = this.#clockOf(target.uid, report, now);
      for (const [name, metric] of metrics) {
        const found = clock.take(name, metric, now);
        if (found !== null) yield [target, { metric: name, figures: [found.well], minutes: found.ms / MS_PER_MINUTE }];
      }
    }
  }

  #clockOf(uid: string, report: TargetReport, now: DurationMs): HealthClock {
    let clock = this.#clocks.get(uid);
    if (clock === undefined) {
      clock = new HealthClock();
      clock.hear(report, now);
      this.#clocks.set(uid, clock);
    }
    return clock;
  }
}
