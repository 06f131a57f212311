/**
 * How the targets stand that a rollout has opened: counts, plus the names a person needs. Made by the engine from what agents
 * report; its size does not grow with the fleet.
 */
export interface Tally {
  /** Targets in the open part of the present stage. */
  readonly opened: number;
  /** Of those: hold the candidate, verified by reading back, confirmed. */
  readonly confirmed: number;
  /** Of those: under way (preparing, applying, verifying, provisional) or not yet reported. */
  readonly underway: number;
  /** Of those: tried and could not, or reverted by themselves. Named up to 50. */
  readonly failed: number;
  readonly failures: readonly { readonly target: string; readonly code: string; readonly says: string }[];
  /** Of those: not connected now. Named up to 50. */
  readonly disconnected: number;
  readonly silent: readonly string[];
  /** Over all stages the rollout ever opened: targets that still hold, or may hold, the candidate. Named up to 50. */
  readonly notBack: number;
  readonly notBackNames: readonly string[];
}
