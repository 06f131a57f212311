import type { SlotBasis, TallyBasis } from './contribution.ts';
import type { SlotStanding, Standing } from './tally.ts';

// Law 11: what counts against the floor of a failure domain.

/** Something is being done to the slot. */
export const MOVING: ReadonlySet<SlotStanding['phase']> = new Set([
  'preparing',
  'applying',
  'verifying',
  'provisional',
  'reverting',
]);

/** `ordered`: it is to be somewhere else than it is, as far as we know. From then on it counts, not from when it says that it has begun. */
export function isMoving({ connected, slots }: Standing, basis: readonly SlotBasis[], ordered: boolean): boolean {
  if (!connected) return false;
  return ordered || basis.some(({ slot }) => MOVING.has(slots?.get(slot)?.phase ?? 'settled'));
}

/** Cut off, not heard yet, unwell by its own checks, or left between two revisions by a way back that did not work. */
export function isUnwell({ connected, slots, failingChecks }: Standing, basis: readonly SlotBasis[]): boolean {
  if (!connected || slots === null || failingChecks.length > 0) return true;
  return basis.some(({ slot }) => slots.get(slot)?.failureCode === 'revert-failed');
}

/** The way back goes in steps, the target is well on what it leaves, and the border has not come to its place. */
export function waitsForRelease(
  { release }: Pick<TallyBasis, 'release'>,
  basis: readonly SlotBasis[],
  { connected, failingChecks, slots }: Standing,
  where: number,
): boolean {
  if (release === null || where < release.below || !connected || failingChecks.length > 0) return false;
  return basis.every(({ slot, artifact }) => {
    const held = slots?.get(slot);
    return held?.phase === 'settled' && held.current === artifact;
  });
}
