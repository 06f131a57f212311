import type { Digest } from '../kernel/digest.ts';
import type { DurationMs } from '../kernel/instant.ts';
import { place } from '../kernel/place.ts';

/**
 * The way back under a floor (law 11), as every target of the role is told it: who is unwell or in between goes at once, who is
 * well on the candidate may wait until the border comes to its place. The order to go back has been given to all by then, and
 * needs nobody: a target that hears nothing newer for a while goes by itself.
 */
export interface Release {
  readonly rollout: string;
  /** Who holds something else has nothing to wait with. */
  readonly artifact: Digest;
  /** Targets whose place is below this go now. */
  readonly below: number;
  /** How long a target waits after the newest document; see {@link waitMs}. */
  readonly afterMs: DurationMs;
}

/** What a target knows of itself. */
export interface ReleaseStanding {
  readonly current: string | null;
  /** Nothing is under way in the slot, and what it holds is confirmed. */
  readonly atRest: boolean;
  /** No local check fails. */
  readonly well: boolean;
}

/** Whether the border has come to this target. */
export function isReleased({ rollout, below }: Pick<Release, 'rollout' | 'below'>, uid: string): boolean {
  return place(rollout, uid) < below;
}

/** Whether the target may wait with going back. Everyone computes the same from what they know. */
export function mayWait(release: Release, uid: string, { current, atRest, well }: ReleaseStanding): boolean {
  return well && atRest && current === release.artifact && !isReleased(release, uid);
}

/** How long this target waits for a newer document before it goes back by itself: they go one after the other, not all at once. */
export function waitMs({ rollout, afterMs }: Release, uid: string): DurationMs {
  return Math.round(afterMs * (1 + place(rollout, uid)));
}
