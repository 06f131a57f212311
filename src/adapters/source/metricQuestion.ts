import type { MetricFault } from '../../core/analysis/metricFault.ts';
import { type DurationMs, formatDuration, type Instant } from '../../core/kernel/instant.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { SourceAddress } from '../../core/topology/metricSource.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Measurement } from '../../engine/ports/figures.ts';
import type { Strangers } from './targetNames.ts';

/** What asking one metric of one source needs, this time. */
export interface Asking {
  readonly clock: Clock;
  readonly address: SourceAddress;
  readonly secret: string | null;
  /** By when it must have answered, by the clock that never jumps, however many requests it takes. */
  readonly deadline: DurationMs;
  readonly windowMs: DurationMs;
  /** What is older is not the present any more. */
  readonly freshMs: DurationMs;
  readonly signal: AbortSignal;
  /** The target of the service that a label's value names. */
  readonly uidNamed: (value: string) => string | undefined;
  /** Uids of all targets of the service. */
  readonly targets: () => Iterable<string>;
}

export interface Heard {
  /** What is new, by uid. */
  readonly figures: ReadonlyMap<string, Omit<Measurement, 'metric' | 'under'>>;
  /** Of how many the source has something, be it new or not. */
  readonly targets: number;
  readonly strangers: Strangers;
  /** What a person should know although it is no fault; empty: nothing. */
  readonly note: string;
}

/** One metric, asked of its source again and again. It never rejects, and is not asked again before it has answered. */
export interface MetricQuestion {
  ask(asking: Asking): Promise<Result<Heard, MetricFault>>;
}

/** What is left of the time for an answer. */
export function timeLeft({ clock, deadline }: Pick<Asking, 'clock' | 'deadline'>): DurationMs {
  return Math.max(1, Math.floor(deadline - clock.monotonic()));
}

/** Clocks that are set by NTP differ by far less. */
export const MOST_SKEW_MS = 5_000;

/** Whether a moment that lies between two of ours, by another's clock, says that the two differ. */
export function skewOf(
  theirs: Instant,
  from: Instant,
  until: Instant,
  where: string,
  slackMs: DurationMs = 0,
): MetricFault | null {
  const ahead = theirs - until;
  const behind = from - theirs - slackMs;
  const todo = 'set both clocks by NTP, and put no cache in between';
  if (ahead > MOST_SKEW_MS)
    return { code: 'clock-skew', says: `the clock of ${where} is ${formatDuration(ahead)} ahead of ours: ${todo}` };
  if (behind > MOST_SKEW_MS)
    return { code: 'clock-skew', says: `the clock of ${where} is ${formatDuration(behind)} behind ours: ${todo}` };
  return null;
}
