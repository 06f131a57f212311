import type { DurationMs } from '../../core/kernel/instant.ts';

/** One way of asking the service beside the agent whether it is well. */
export interface LocalCheck {
  readonly name: string;
  readonly everyMs: DurationMs;
  /** So many failures in a row make it unhealthy; one success makes it healthy again. */
  readonly failures: number;
  /** Asks once, within the check's own time limit. Never rejects; an aborted signal ends it early. */
  run(signal: AbortSignal): Promise<CheckOutcome>;
}

export interface CheckOutcome {
  readonly healthy: boolean;
  /** What was found, and when unhealthy also what was expected. The same finding is always said in the same words. */
  readonly says: string;
}
