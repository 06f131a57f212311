import { Contact } from '../../src/adapters/link/client/contact.ts';
import { Conversation } from '../../src/adapters/link/client/conversation.ts';
import { artifactDigest } from '../../src/adapters/store/artifactDigest.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import type { Target } from '../../src/core/topology/target.ts';
import type { TargetObservations, TargetReport } from '../../src/engine/ports/fleet.ts';
import type { Logger } from '../../src/engine/ports/logger.ts';
import type { ServerLink, ServerLinkHandlers } from '../../src/engine/ports/serverLink.ts';
import type { SimProcess } from '../kernel/simProcess.ts';
import { PollTransport } from './pollTransport.ts';
import type { SimConnection } from './simConnection.ts';
import type { SimNetwork } from './simNetwork.ts';
import { LINK_LIMITS } from './simTransport.ts';
import { StreamTransport } from './streamTransport.ts';

export interface SimLinkOptions {
  readonly network: SimNetwork;
  readonly process: SimProcess;
  readonly target: string;
  readonly token: () => string;
  readonly transport: 'stream' | 'poll';
  readonly logger: Logger;
  /** What really is said in place of a report: an agent may lie. */
  readonly say: (report: TargetReport) => TargetReport;
}

/** The port `ServerLink` over the simulated network. What is said and heard is the real conversation, in the real encoding. */
export class SimLink implements ServerLink {
  readonly #options: SimLinkOptions;
  #open: { conversation: Conversation; contact: Contact; transport: StreamTransport | PollTransport } | null = null;
  #report: TargetReport | null = null;

  constructor(options: SimLinkOptions) {
    this.#options = options;
  }

  /** The stream it talks over now; `null` when there is none. */
  get connection(): SimConnection | null {
    const transport = this.#open?.transport;
    return transport instanceof StreamTransport ? transport.connection : null;
  }

  get isUp(): boolean {
    return this.#open?.contact.isUp ?? false;
  }

  open(target: Target, handlers: ServerLinkHandlers): void {
    const { logger, transport: kind } = this.#options;
    const conversation = new Conversation(target, handlers, logger);
    if (this.#report !== null) conversation.report(this.#report);
    const contact = new Contact(handlers.changed);
    const options = { ...this.#options, conversation, contact };
    const transport = kind === 'stream' ? new StreamTransport(options) : new PollTransport(options);
    this.#open = { conversation, contact, transport };
    transport.start();
  }

  report(report: TargetReport): void {
    this.#report = this.#options.say(report);
    this.#open?.conversation.report(this.#report);
    this.#open?.transport.wake();
  }

  observe(observations: TargetObservations): void {
    if (this.#open === null || !this.#open.contact.isUp) return;
    this.#open.conversation.observe(observations);
    this.#open.transport.wake();
  }

  fetchArtifact(digest: Digest): Promise<Uint8Array> {
    const { network, process, target } = this.#options;
    return new Promise((resolve, reject) => {
      const give = (act: () => void) => {
        if (!process.alive) return;
        cancel();
        act();
      };
      const cancel = process.clock.after(LINK_LIMITS.answerMs, () =>
        reject(new Error('the server did not answer in time')),
      );
      const gateway = network.route();
      if (gateway === null) {
        network.loop.after(network.latencyMs, () => give(() => reject(new Error('the server cannot be reached'))));
        return;
      }
      network.loop.after(network.latencyMs, async () => {
        if (network.cut.has(target) || !gateway.process.alive) return;
        const bytes = await gateway.artifact(digest).catch(() => null);
        network.loop.after(network.latencyMs, () => {
          if (network.cut.has(target)) return;
          if (bytes === null) give(() => reject(new Error('the server has no such artifact')));
          else if (artifactDigest(bytes) !== digest) give(() => reject(new Error('what came has another digest')));
          else give(() => resolve(bytes));
        });
      });
    });
  }

  async close(): Promise<void> {
    await this.#open?.transport.close();
  }
}
