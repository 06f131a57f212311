import type { Digest } from '../../core/kernel/digest.ts';
import type { Target } from '../../core/topology/target.ts';
import type { AssignmentSet, Confirmation, TargetObservations, TargetReport } from './fleet.ts';

/**
 * An agent's way to its server. Reconnects by itself for ever, with growing, jittered delays, and honours the server's
 * Retry-After. Everything sent is a statement of the present: while disconnected only the latest report is kept.
 */
export interface ServerLink {
  /** Starts connecting. Callbacks are set once, before. */
  open(target: Target, handlers: ServerLinkHandlers): void;
  /** Replaces what is to be told; sent at once when connected, else upon connecting. */
  report(report: TargetReport): void;
  /** Sent when connected, dropped otherwise: the next one is cumulative and carries it all. */
  observe(observations: TargetObservations): void;
  /** Downloads bytes by digest from the server; the caller need not check them, a wrong hash rejects. Rejects when unreachable. */
  fetchArtifact(digest: Digest, maxBytes: number): Promise<Uint8Array>;
  /** Says goodbye (agent_disconnect) when connected, and stops. Idempotent. */
  close(): Promise<void>;
}

export interface ServerLinkHandlers {
  readonly assigned: (set: AssignmentSet) => void;
  readonly confirmed: (confirmation: Confirmation) => void;
  /** Each time the link comes up or goes down, and why in a sentence. */
  readonly changed: (state: { readonly connected: boolean; readonly says: string }) => void;
}
