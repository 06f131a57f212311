import { percent } from '../../../core/kernel/percent.ts';
import type { NeighbourBody, ReachBody } from '../../../wire/http/blast.ts';
import { count, names } from './words.ts';

/** `4 targets (19 %), 52 % of the traffic`. */
export function reachSays({ targets, share, traffic }: ReachBody): string {
  const told = traffic === null ? '' : `, ${percent(traffic)} of the traffic`;
  return `${count(targets, 'target')} (${percent(share)})${told}`;
}

/** `directly checkout and mail; in 2 steps reports (catalogued)`. */
export function dependentsSay(dependents: readonly NeighbourBody[]): string {
  return dependents.length === 0 ? 'no service depends on this one' : neighboursSay(dependents);
}

export function neighboursSay(neighbours: readonly NeighbourBody[]): string {
  const byDistance = Map.groupBy(neighbours, ({ distance }) => distance);
  return [...byDistance]
    .map(([distance, all]) => {
      const each = all.map(({ service, registered }) => (registered ? service : `${service} (catalogued)`));
      return `${distance === 1 ? 'directly' : `in ${distance} steps`} ${names(each, each.length, 20)}`;
    })
    .join('; ');
}
