import type { Opening } from '../rollout/assignment.ts';

/** Parts of the fleet, for people. */
export function sayOpenings(openings: readonly Opening[]): string {
  return openings
    .map(({ stage, targets, below }) => {
      const labels = Object.entries(targets).map(([label, values]) => `${label}=${values.join('|')}`);
      return `${stage} (${labels.join(',') || 'every target'} below ${below})`;
    })
    .join(', ');
}
