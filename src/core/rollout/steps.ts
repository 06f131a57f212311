import type { DurationMs, Instant } from '../kernel/instant.ts';

/** A part of a stage that was opened at one time: the targets from the border of the step before, or 0, up to this one. */
export interface Step {
  readonly below: number;
  /** When it was opened; of several that were taken together, the last one. */
  readonly at: Instant;
  /** When the first of them was opened. */
  readonly since: Instant;
}

/** Steps that follow each other within this part of the deadline are taken together: their targets get so much more time at the most. */
const TOGETHER = 1 / 32;

/**
 * The steps with one more. However many there were, few are kept: those within a small part of the deadline count as one, and so
 * do all whose deadline has passed, which no longer need telling apart. Never does a target get less than its time.
 */
export function addStep(
  steps: readonly Step[],
  { below, at }: { readonly below: number; readonly at: Instant },
  deadlineMs: DurationMs,
): readonly Step[] {
  const over = steps.filter((step) => step.at + deadlineMs <= at);
  const open = steps.slice(over.length);
  const oldest = over.at(-1);
  const kept = oldest === undefined ? open : [{ ...oldest, since: over[0]?.since ?? oldest.since }, ...open];
  const newest = open.at(-1);
  if (newest === undefined || at - newest.since > deadlineMs * TOGETHER) return [...kept, { below, at, since: at }];
  return [...kept.slice(0, -1), { below, at, since: newest.since }];
}

/** When the target at this place was ordered to move; `null`: it lies beyond every step. */
export function orderedAt(steps: readonly Step[], place: number): Instant | null {
  return steps.find((step) => place < step.below)?.at ?? null;
}
