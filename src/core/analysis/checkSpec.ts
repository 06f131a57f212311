import type { CheckEffect } from '../policy/pipeline.ts';
import type { Margin, Worse } from './margin.ts';

interface Named {
  readonly name: string;
  readonly effect: CheckEffect;
  /**
   * A service that depends on the one that is changed: its targets are judged, all of them as treated, against their own past. Left out:
   * the targets that are changed.
   */
  readonly of?: string;
}

/** Failed events among all events: requests, jobs, messages. */
export interface FailureProportion extends Named {
  readonly kind: 'failureProportion';
  readonly failures: string;
  readonly total: string;
  /** Absolute ones are shares: 0.01 is one percentage point. */
  readonly margin: Margin;
  /** Left out: higher. */
  readonly worse?: Worse;
}

/** Events for each target and minute: restarts, faults, timeouts. */
export interface EventRate extends Named {
  readonly kind: 'eventRate';
  readonly events: string;
  readonly margin: Margin;
  /** Left out: higher. */
  readonly worse?: Worse;
}

/** A positive figure that each target has at any time: latency, memory, length of a queue. */
export interface Mean extends Named {
  readonly kind: 'mean';
  readonly metric: string;
  readonly worse: Worse;
  readonly margin: Margin;
}

/** How slow the slowest are: the quantile of treated targets is not above that of untouched ones by more than the margin. */
export interface Quantile extends Named {
  readonly kind: 'quantile';
  readonly metric: string;
  /** 0.99 for p99. */
  readonly quantile: number;
  readonly margin: Margin;
}

/** The share of targets that say they are not well. */
export interface Health extends Named {
  readonly kind: 'health';
  /** 1 where a target is well, 0 where it is not. */
  readonly metric: string;
  readonly margin: Margin;
}

/** Something that should go on happening: traffic, heartbeats, jobs done. */
export interface Vanished extends Named {
  readonly kind: 'vanished';
  readonly events: string;
  /** The share of what was usual that must at least be left. */
  readonly atLeast: number;
}

export type CheckSpec = FailureProportion | EventRate | Mean | Quantile | Health | Vanished;

export function worseOf(check: CheckSpec): Worse {
  switch (check.kind) {
    case 'failureProportion':
    case 'eventRate':
      return check.worse ?? 'higher';
    case 'mean':
      return check.worse;
    case 'vanished':
      return 'lower';
    case 'quantile':
    case 'health':
      return 'higher';
  }
}

export function marginOf(check: CheckSpec): Margin {
  return check.kind === 'vanished' ? { relative: 1 - check.atLeast } : check.margin;
}
