export interface FixedThreshold {
  /** A measurement above it is a failed one. */
  readonly threshold: number;
  /** So many failed measurements are tolerated; the next one ends the rollout. Argo Rollouts: `failureLimit`, 0 unless said otherwise. */
  readonly failureLimit: number;
}

/**
 * The rule of Argo Rollouts' analysis and of Flagger: a metric is measured at every interval and held against a fixed threshold; more than so many
 * failed measurements, whether in a row or not, roll back. In Flagger's words `threshold: n` is a failure limit of n − 1.
 * There is no control arm, and no measurement (no traffic) is passed over. Says at which measurement it rolls back, `null` at none.
 */
export function rolledBackAt(measurements: readonly (number | null)[], rule: FixedThreshold): number | null {
  let failed = 0;
  for (const [index, measured] of measurements.entries()) {
    if (measured !== null && measured > rule.threshold) failed++;
    if (failed > rule.failureLimit) return index;
  }
  return null;
}
