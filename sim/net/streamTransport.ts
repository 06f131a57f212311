import { Backoff } from '../../src/adapters/link/client/backoff.ts';
import type { LinkTransport } from '../../src/adapters/link/client/linkTransport.ts';
import { SimConnection } from './simConnection.ts';
import { LINK_LIMITS, type SimTransportOptions } from './simTransport.ts';

/** The agent's side of a stream, by the rules of the real WebSocket transport: it connects again for ever, and a server that does not answer is gone. */
export class StreamTransport implements LinkTransport {
  readonly #options: SimTransportOptions;
  readonly #backoff: Backoff;
  #connection: SimConnection | null = null;
  #closing = false;
  #cancelReconnect = () => {};
  #cancelHeartbeat = () => {};
  #cancelWatch: (() => void) | null = null;

  constructor(options: SimTransportOptions) {
    this.#options = options;
    this.#backoff = new Backoff(LINK_LIMITS.backoffMs, LINK_LIMITS.mostBackoffMs, () => options.network.chance.next());
  }

  get connection(): SimConnection | null {
    return this.#connection;
  }

  start(): void {
    const { network, target, token, conversation, process } = this.#options;
    const gateway = network.route();
    if (gateway === null || network.cut.has(target)) {
      const waitMs = gateway === null ? network.latencyMs : LINK_LIMITS.answerMs;
      process.clock.after(waitMs, () => this.#ended('the server cannot be reached'));
      return;
    }
    process.clock.after(network.latencyMs * 2, () => {
      if (!gateway.process.alive || network.cut.has(target)) return this.#ended('the server cannot be reached');
      if (!gateway.admits(token())) return this.#ended('the server does not accept this token');
      const connection = new SimConnection(network, gateway, {
        target,
        onMessage: (bytes) => process.alive && this.#connection === connection && this.#hear(bytes),
        onClose: (says) => process.alive && this.#connection === connection && this.#ended(says),
      });
      gateway.opened(connection);
      this.#connection = connection;
      conversation.startOver();
      this.wake();
    });
  }

  wake(): void {
    while (this.#connection !== null && this.#options.conversation.hasNews)
      this.#send(this.#options.conversation.next());
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelReconnect();
    if (this.#connection === null) return;
    this.#send(this.#options.conversation.goodbye());
    this.#connection.closeClient(false);
  }

  #send(bytes: Uint8Array): void {
    const { clock } = this.#options.process;
    this.#connection?.toServer(bytes);
    this.#cancelHeartbeat();
    this.#cancelHeartbeat = clock.after(LINK_LIMITS.heartbeatMs, () => {
      if (this.#connection !== null) this.#send(this.#options.conversation.next());
    });
    this.#cancelWatch ??= clock.after(LINK_LIMITS.answerMs, () => {
      this.#connection?.closeClient(true);
      this.#ended('the server does not answer any more');
    });
  }

  #hear(bytes: Uint8Array): void {
    this.#stopWatch();
    const heard = this.#options.conversation.hear(bytes);
    if (heard.kind === 'accepted') {
      this.#backoff.reset();
      this.#options.contact.up('connected');
      heard.deliver();
    } else if (heard.kind === 'refused') {
      this.#options.contact.down(heard.says);
    } else if (heard.kind === 'unavailable') {
      this.#connection?.closeClient(false);
      this.#ended(heard.says);
      return;
    }
    this.wake();
  }

  #ended(says: string): void {
    this.#connection = null;
    this.#cancelHeartbeat();
    this.#stopWatch();
    this.#options.conversation.observe(null);
    if (this.#closing) return;
    this.#options.contact.down(says);
    this.#cancelReconnect = this.#options.process.clock.after(this.#backoff.next(), () => this.start());
  }

  #stopWatch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = null;
  }
}
