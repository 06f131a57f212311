import type { Contact } from '../../src/adapters/link/client/contact.ts';
import type { Conversation } from '../../src/adapters/link/client/conversation.ts';
import { DEFAULT_LINK_LIMITS, type LinkLimits } from '../../src/adapters/link/client/linkTransport.ts';
import type { SimProcess } from '../kernel/simProcess.ts';
import type { SimNetwork } from './simNetwork.ts';

/** Shorter than in life, for the same reason as the gateway's. */
export const LINK_LIMITS: LinkLimits = {
  ...DEFAULT_LINK_LIMITS,
  heartbeatMs: 10_000,
  answerMs: 10_000,
  backoffMs: 500,
  mostBackoffMs: 8_000,
};

export interface SimTransportOptions {
  readonly network: SimNetwork;
  readonly process: SimProcess;
  readonly target: string;
  readonly token: () => string;
  readonly conversation: Conversation;
  readonly contact: Contact;
}
