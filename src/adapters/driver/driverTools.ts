import type { TemplateFacts } from '../../core/topology/labelTemplate.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Downloads } from '../../engine/ports/downloads.ts';
import type { Host } from '../../engine/ports/host.ts';
import type { Verifier } from '../../engine/ports/signer.ts';

/** What drivers are made with, besides what their slot says. */
export interface DriverTools {
  readonly host: Host;
  readonly clock: Clock;
  /** Who this target is now: its role may be learnt from the server after the start. */
  readonly target: () => TemplateFacts;
  readonly downloads: Downloads;
  readonly verifier: Verifier;
}
