import type { Boundary } from './ratio/tilt.ts';

/**
 * How much worse than the untouched targets is still accepted: `relative` 0.1 is "a tenth more", `absolute` is in the metric's own unit
 * (a share, events a minute, milliseconds). With both, either is enough to be accepted. With neither, no worse at all.
 */
export interface Margin {
  readonly relative?: number;
  readonly absolute?: number;
}

/** A metric is worse when it is higher (errors, latency), lower (throughput), or whichever way it moves. */
export type Worse = 'higher' | 'lower' | 'either';

/** The boundaries that the treated arm must all be beyond before it counts as worse, for one that is worse when higher. */
export function boundariesOf(margin: Margin): readonly Boundary[] {
  const found: Boundary[] = [];
  if (margin.relative !== undefined) found.push({ tolerance: 1 + margin.relative, margin: 0 });
  if (margin.absolute !== undefined) found.push({ tolerance: 1, margin: margin.absolute });
  return found.length === 0 ? [{ tolerance: 1, margin: 0 }] : found;
}

/** What the margin comes to at this level of the untouched arm, in the metric's own unit. */
export function allowedAt(margin: Margin, level: number): number {
  return Math.max(0, (margin.relative ?? 0) * Math.abs(level), margin.absolute ?? 0);
}
