/** `all`: all treated targets since the rollout began. `stage`: those of the present stage since that began. */
export type Scope = 'all' | 'stage';

/** With which probability a bound that speaks of harm may be wrong, and one that speaks of none. */
export interface Wrong {
  readonly harm: number;
  readonly none: number;
}
