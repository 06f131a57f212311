import type { FleetPast, TargetWindow } from './fleetPast.ts';

/**
 * How badly the level of an arm is known, by how badly those of its targets are: its variance as a share of its square. A level that is taken
 * for too low looks like harm for as long as a bake lasts, so it counts for as much dispersion as it makes over that time.
 */
export function levelDoubt(past: FleetPast, arm: readonly TargetWindow[], dispersion: number): number {
  let [weights, variance] = [0, 0];
  for (const { target, exposure } of arm) {
    const weight = exposure * past.levelOf(target);
    weights += weight;
    variance += weight * weight * past.doubtOf(target, dispersion);
  }
  return weights > 0 ? variance / (weights * weights) : 0;
}

/** What a past of eight bakes leaves in doubt is within what the dispersion is read with. */
export const LEFT_IN_DOUBT = 1 / 8;

/**
 * The dispersion to reckon with where levels are in doubt: variance over mean of what an arm counts in a bake, of which `due` are expected in it. In
 * steps of a tenth, upwards, so that there are few of them.
 */
export function dispersionWith(dispersion: number, doubt: number, due: number): number {
  const more = Math.max(0, due * doubt - dispersion * LEFT_IN_DOUBT);
  return more === 0 ? dispersion : Math.exp(Math.ceil(Math.log(dispersion + more) * 10) / 10);
}
