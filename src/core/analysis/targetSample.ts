/** How many values fell above each bound's predecessor and not above the bound. Bounds grow; the last may be infinite. Mergeable. */
export interface Sketch {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** Of all values. */
  readonly sum: number;
}

/** All values of a metric that were measured: one by one, or as a sketch. Of a counter it is how much it grew. */
export type Figures = readonly number[] | Sketch;

/** What one target counted and measured in one window, by metric. A metric that is missing was not reported: that is not 0. */
export interface TargetSample {
  readonly target: string;
  readonly treated: boolean;
  /** Treated in the stage that bakes now, and not in one before. */
  readonly inStage: boolean;
  /** The time that its figures cover, in minutes: what reports late covers more than the window it falls into. */
  readonly minutes: number;
  /** Of metrics whose source has a rhythm of its own; left out, or not in it: {@link minutes}. */
  readonly minutesOf?: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, Figures>;
  /**
   * Metrics that it reported before and should have reported again by now. Sources have rhythms of their own: what is only not in this
   * window need not be overdue. Left out: whatever is not in it is.
   */
  readonly overdue?: readonly string[];
}

/** Whether one of these metrics did not come that should have. */
export function isOverdue({ overdue }: TargetSample, metrics: readonly string[]): boolean {
  return overdue === undefined || metrics.some((metric) => overdue.includes(metric));
}

export function isSketch(figures: Figures): figures is Sketch {
  return 'bounds' in figures;
}

/** The sum of all values, and how many there are; `null` where nothing was reported. */
export function totalOf(figures: Figures | undefined): { readonly sum: number; readonly count: number } | null {
  if (figures === undefined) return null;
  if (isSketch(figures)) return { sum: figures.sum, count: add(figures.counts) };
  return { sum: add(figures), count: figures.length };
}

function add(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
