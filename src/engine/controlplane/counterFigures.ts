import { isSketch } from '../../core/analysis/targetSample.ts';
import type { Measurement } from '../ports/figures.ts';

/** How much was counted: by how much a counter grew, or how many values were observed. */
export function grownBy({ figures }: Measurement): number {
  return (isSketch(figures) ? figures.counts : figures).reduce((sum, value) => sum + value, 0);
}
