import type { CheckSpec } from './checkSpec.ts';
import { countAbove } from './ratio/quantileSamples.ts';
import { type TargetSample, totalOf } from './targetSample.ts';

export interface Count {
  readonly events: number;
  /** Trials, or target-minutes. */
  readonly exposure: number;
}

/** Events among trials, or over time. */
export interface RatioQuestion {
  readonly family: 'ratio';
  readonly key: string;
  readonly metrics: readonly string[];
  readonly ofTrials: boolean;
  /** An event is a value above a limit, which the untouched targets' quantile sets window by window; `null` where events are reported as such. */
  readonly slowest: { readonly metric: string; readonly quantile: number } | null;
  /** `null`: the target did not report it. */
  readonly count: (sample: TargetSample, limit: number) => Count | null;
}

/** A positive figure that each target has at any time. */
export interface MeanQuestion {
  readonly family: 'mean';
  readonly key: string;
  readonly metrics: readonly string[];
  readonly value: (sample: TargetSample) => number | null;
}

/**
 * What a check measures, apart from what it accepts. Its past is the fleet's: it is the same for every pipeline and rollout that asks it of
 * a role, and outlives them.
 */
export type Question = RatioQuestion | MeanQuestion;

export function questionOf(check: CheckSpec): Question {
  switch (check.kind) {
    case 'failureProportion':
      return ratio(['share', check.failures, check.total], [check.failures, check.total], true, (sample) => {
        const [failures, total] = [totalOf(sample.values.get(check.failures)), totalOf(sample.values.get(check.total))];
        return failures === null || total === null ? null : { events: failures.sum, exposure: total.sum };
      });
    case 'eventRate':
    case 'vanished':
      return rateOf(check.events);
    case 'health':
      return ratio(['health', check.metric], [check.metric], true, ({ values }) => {
        const looks = totalOf(values.get(check.metric));
        return looks === null ? null : { events: Math.max(0, looks.count - looks.sum), exposure: looks.count };
      });
    case 'quantile':
      return {
        ...ratio(['quantile', check.metric, check.quantile], [check.metric], true, ({ values }, limit) => {
          const figures = values.get(check.metric);
          return figures === undefined ? null : countAbove(figures, limit);
        }),
        slowest: { metric: check.metric, quantile: check.quantile },
      };
    case 'mean':
      return {
        family: 'mean',
        key: keyOf('mean', check.metric),
        metrics: [check.metric],
        value: ({ values }) => {
          const total = totalOf(values.get(check.metric));
          return total === null || total.count === 0 ? null : total.sum / total.count;
        },
      };
  }
}

/** How often something happens on each target in a minute. */
export function rateOf(events: string): RatioQuestion {
  return ratio(['rate', events], [events], false, ({ values, minutes, minutesOf }) => {
    const total = totalOf(values.get(events));
    const exposure = minutesOf?.get(events) ?? minutes;
    return total === null || !(exposure > 0) ? null : { events: total.sum, exposure };
  });
}

function ratio(
  key: readonly (string | number)[],
  metrics: readonly string[],
  ofTrials: boolean,
  count: RatioQuestion['count'],
): RatioQuestion {
  return { family: 'ratio', key: keyOf(...key), metrics, ofTrials, slowest: null, count };
}

/** Names of metrics have no blanks. */
function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join(' ');
}
