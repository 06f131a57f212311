import type { Instant } from '../kernel/instant.ts';
import type { RecordedEvent } from '../record/event.ts';
import { atLeastOne } from '../topology/capacity.ts';
import { type Pace, type PaceChange, type Seen, startPace } from './pace.ts';
import type { Rollout } from './rollout.ts';

/** How many of a stage's targets may go at once, at first and at the most; `null`: its pipeline does not say. */
export function paceBounds(rollout: Pick<Rollout, 'pipeline' | 'plan'>, stage: number): Bounds | null {
  const asked = rollout.pipeline.stages[stage]?.concurrency;
  if (asked === undefined) return null;
  const targets = rollout.plan[stage]?.targets ?? 0;
  const start = atLeastOne(asked.start, targets);
  return { start, most: Math.max(start, atLeastOne(asked.most, targets)) };
}

interface Bounds {
  readonly start: number;
  readonly most: number;
}

/**
 * The pace with which a wave is opened, to be put on the record; `null` where the pipeline asks for none. Within a stage it goes on
 * as it was.
 */
export function paceFor(
  rollout: Pick<Rollout, 'pipeline' | 'plan' | 'stage' | 'pace'>,
  stage: number,
  seen: Seen,
): PaceChange | null {
  const bounds = paceBounds(rollout, stage);
  if (bounds === null) return null;
  const { pace } = rollout;
  if (pace !== null && stage === rollout.stage) {
    const { concurrency, says, usualMs } = pace;
    return { concurrency, says, usualMs, ...seen, slower: false };
  }
  const before = paceBounds(rollout, rollout.stage);
  return startPace(bounds.start, pace === null || before === null ? null : { pace, start: before.start }, seen);
}

export function paceAfter(before: Pace | null, { slower, ...change }: PaceChange, at: Instant): Pace {
  return { ...change, at, slowedAt: slower ? at : (before?.slowedAt ?? null) };
}

/** The pace after a wave was opened. A stage begins with a clean slate but for what its first event says. */
export function paceOfWave(
  rollout: Rollout,
  { at, data }: Extract<RecordedEvent, { readonly type: 'WaveOpened' }>,
): Pace | null {
  const same = data.stage === rollout.stage;
  if (data.pace === undefined) return same ? rollout.pace : null;
  return paceAfter(same ? rollout.pace : null, data.pace, at);
}
