import type { DurationMs, Instant } from '../kernel/instant.ts';
import { place } from '../kernel/place.ts';
import { matches, type Target } from '../topology/target.ts';
import type { Rollout } from './rollout.ts';

/** A part of a stage that was ordered to move at one time: the targets whose place is below this, and not in an earlier part. */
export interface ReachedPart {
  readonly stage: number;
  readonly below: number;
  readonly at: Instant;
}

/** Parts of a stage that follow each other so closely are taken together, with the time of the first. */
const TOGETHER_MS: DurationMs = 5_000;
/** More than so many are not told apart: the oldest two become one. */
const MOST_PARTS = 500;

/** The parts with one more. What was reached before (a rehearsal goes over it again) stays reached then. */
export function addReached(parts: readonly ReachedPart[], part: ReachedPart): readonly ReachedPart[] {
  const last = parts.findLast(({ stage }) => stage === part.stage);
  if (last !== undefined && last.below >= part.below) return parts;
  if (last !== undefined && last === parts.at(-1) && part.at - last.at < TOGETHER_MS)
    return [...parts.slice(0, -1), { ...last, below: part.below }];
  return [...forgetOldest(parts), part];
}

function forgetOldest(parts: readonly ReachedPart[]): readonly ReachedPart[] {
  if (parts.length < MOST_PARTS) return parts;
  const index = parts.findIndex((part, at) => at > 0 && parts[at - 1]?.stage === part.stage);
  const [before, after] = [parts[index - 1], parts[index]];
  if (before === undefined || after === undefined) return parts.slice(1);
  return [...parts.slice(0, index - 1), { ...after, at: before.at }, ...parts.slice(index + 1)];
}

/** When a rollout ordered this target to move; `null`: never. */
export function reachedAt(
  { id, change, pipeline, reached }: Pick<Rollout, 'id' | 'change' | 'pipeline' | 'reached'>,
  target: Pick<Target, 'uid' | 'service' | 'role' | 'labels'>,
): Instant | null {
  if (target.service !== change.service || !change.roles.includes(target.role)) return null;
  const where = place(id, target.uid);
  const part = reached.find(
    ({ stage, below }) => where < below && matches(pipeline.stages[stage]?.targets ?? {}, target.labels),
  );
  return part?.at ?? null;
}
