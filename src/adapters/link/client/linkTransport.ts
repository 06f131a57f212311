import type { DurationMs } from '../../../core/kernel/instant.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { Contact } from './contact.ts';
import type { Conversation } from './conversation.ts';
import type { ServerUrls } from './serverUrls.ts';

/** What carries a conversation. Connects by itself, and again, until it is closed. */
export interface LinkTransport {
  start(): void;
  /** The conversation has news. */
  wake(): void;
  /** Says what is left to say and goodbye, if there is a server to say it to, and ends. */
  close(): Promise<void>;
}

export interface LinkTransportOptions {
  readonly urls: ServerUrls;
  readonly token: string;
  /** PEM of who signed the server's certificate; left out, those the system trusts. */
  readonly ca?: string;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly limits: LinkLimits;
  readonly conversation: Conversation;
  readonly contact: Contact;
}

export interface LinkLimits {
  /** How long the agent may say nothing; over HTTP, how often it polls. */
  readonly heartbeatMs: DurationMs;
  /** Over HTTP, how often it polls while a change is under way on its target. */
  readonly busyPollMs: DurationMs;
  /** How long an answer may take before the connection is given up. */
  readonly answerMs: DurationMs;
  /** Bound of the first wait between tries, and of every later one. */
  readonly backoffMs: DurationMs;
  readonly mostBackoffMs: DurationMs;
  /** Of one message received. */
  readonly receiveBytes: number;
  /** How long a goodbye may take. */
  readonly goodbyeMs: DurationMs;
}

export const DEFAULT_LINK_LIMITS: LinkLimits = {
  heartbeatMs: 30_000,
  busyPollMs: 1_000,
  answerMs: 30_000,
  backoffMs: 1_000,
  mostBackoffMs: 60_000,
  receiveBytes: 64 * 1024 * 1024,
  goodbyeMs: 2_000,
};

/** A little less than the full span, so that agents which started together do not speak together for ever. */
export function jittered(spanMs: DurationMs, random: () => number): DurationMs {
  return spanMs * (1 - random() / 10);
}

/** What a server's HTTP status means for an agent, in a sentence. */
export function refusedBy(urls: ServerUrls, status: number): string {
  if (status === 401) return `${urls.says} does not accept this agent's token (401); check the token file`;
  if (status === 429 || status === 503) return `${urls.says} is busy (${status})`;
  return `${urls.says} answered with HTTP ${status}; is this the address of a Ringfence server?`;
}
