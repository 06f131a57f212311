import { createHash } from 'node:crypto';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { Entropy } from '../../../engine/ports/entropy.ts';
import type { TargetObservations, TargetReport } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import type { ServerLink, ServerLinkHandlers } from '../../../engine/ports/serverLink.ts';
import { Contact } from './contact.ts';
import { Conversation } from './conversation.ts';
import { httpCall } from './httpCall.ts';
import { DEFAULT_LINK_LIMITS, type LinkLimits, type LinkTransport } from './linkTransport.ts';
import { PollingTransport } from './pollingTransport.ts';
import { type ServerUrls, serverUrls } from './serverUrls.ts';
import { reasonOf, WebSocketTransport } from './webSocketTransport.ts';

export interface OpampLinkOptions {
  /** `ws:` or `wss:`: a WebSocket; `http:` or `https:`: polling. With the path, which is `/v1/opamp` as a rule. */
  readonly url: string;
  readonly token: string;
  /** PEM of who signed the server's certificate; left out, those the system trusts. */
  readonly ca?: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logger: Logger;
  readonly limits?: Partial<LinkLimits>;
}

/** An agent's way to its server, over OpAMP. Throws when the URL is none that a server can have. */
export function createOpampLink(options: OpampLinkOptions): ServerLink {
  return new OpampLink(options);
}

class OpampLink implements ServerLink {
  readonly #options: OpampLinkOptions;
  readonly #urls: ServerUrls;
  readonly #limits: LinkLimits;
  readonly #ended = new AbortController();
  #open: { readonly conversation: Conversation; readonly contact: Contact; readonly transport: LinkTransport } | null =
    null;
  #report: TargetReport | null = null;
  #closed: Promise<void> | null = null;

  constructor(options: OpampLinkOptions) {
    this.#options = options;
    this.#urls = serverUrls(options.url);
    this.#limits = { ...DEFAULT_LINK_LIMITS, ...options.limits };
  }

  open(target: Target, handlers: ServerLinkHandlers): void {
    if (this.#open !== null || this.#closed !== null) throw new Error('invariant broken: a link is opened once');
    const { ca, clock, entropy, logger, token } = this.#options;
    const conversation = new Conversation(target, handlers, logger);
    if (this.#report !== null) conversation.report(this.#report);
    const contact = new Contact(handlers.changed);
    const random = () => Buffer.from(entropy.bytes(4)).readUInt32BE() / 2 ** 32;
    const shared = { urls: this.#urls, token, clock, random, limits: this.#limits, conversation, contact };
    const all = { ...shared, ...(ca !== undefined && { ca }) };
    const transport = this.#urls.transport === 'websocket' ? new WebSocketTransport(all) : new PollingTransport(all);
    this.#open = { conversation, contact, transport };
    transport.start();
  }

  report(report: TargetReport): void {
    this.#report = report;
    this.#open?.conversation.report(report);
    this.#open?.transport.wake();
  }

  observe(observations: TargetObservations): void {
    if (this.#open === null || !this.#open.contact.isUp) return;
    this.#open.conversation.observe(observations);
    this.#open.transport.wake();
  }

  async fetchArtifact(digest: Digest, maxBytes: number): Promise<Uint8Array> {
    const { ca, token } = this.#options;
    const url = this.#urls.artifact(digest);
    const failed = (says: string) => new Error(`${digest} could not be downloaded from ${url.origin}: ${says}`);
    const answer = await httpCall({
      url,
      method: 'GET',
      headers: { Authorization: `Bearer ${token}` },
      ...(ca !== undefined && { ca }),
      maxBytes,
      idleMs: this.#limits.answerMs,
      signal: this.#ended.signal,
    }).catch((error: Error) => Promise.reject(failed(reasonOf(error))));
    if (answer.status === 404) throw failed('the server has no such artifact');
    if (answer.status !== 200) throw failed(`the server answered with HTTP ${answer.status}`);
    const found = createHash('sha256').update(answer.body).digest('hex');
    if (digest !== `sha256:${found}`) throw failed(`what came has the digest sha256:${found}`);
    return answer.body;
  }

  close(): Promise<void> {
    this.#ended.abort();
    this.#closed ??= this.#open?.transport.close() ?? Promise.resolve();
    return this.#closed;
  }
}
