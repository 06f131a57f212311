import { Backoff } from '../../src/adapters/link/client/backoff.ts';
import type { LinkTransport } from '../../src/adapters/link/client/linkTransport.ts';
import { LINK_LIMITS, type SimTransportOptions } from './simTransport.ts';

/** How much later than the agent's patience a late message arrives, at most. */
const LATEST_MS = 30_000;

/** An agent that polls. Each message is on its own: it, or its answer, may be lost, come twice, or come after later ones. */
export class PollTransport implements LinkTransport {
  readonly #options: SimTransportOptions;
  readonly #backoff: Backoff;
  #asking = false;
  #again = false;
  #closing = false;
  #cancelNext = () => {};

  constructor(options: SimTransportOptions) {
    this.#options = options;
    this.#backoff = new Backoff(LINK_LIMITS.backoffMs, LINK_LIMITS.mostBackoffMs, () => options.network.chance.next());
  }

  start(): void {
    this.#options.conversation.startOver();
    this.#ask();
  }

  wake(): void {
    if (this.#asking) this.#again = true;
    else if (this.#options.contact.isUp) this.#ask();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelNext();
    this.#carry(this.#options.conversation.goodbye(), () => {});
  }

  #ask(): void {
    if (this.#closing) return;
    const { process, conversation, contact } = this.#options;
    this.#cancelNext();
    this.#asking = true;
    this.#again = false;
    let answered = false;
    const answer = (bytes: Uint8Array | null, says: string) => {
      if (answered || !process.alive) return;
      answered = true;
      cancelPatience();
      this.#asking = false;
      if (bytes === null) return this.#failed(says);
      const heard = conversation.hear(bytes);
      if (heard.kind === 'unavailable') return this.#failed(heard.says);
      if (heard.kind === 'accepted') {
        this.#backoff.reset();
        contact.up('connected');
        heard.deliver();
      } else if (heard.kind === 'refused') contact.down(heard.says);
      const soon = this.#again || conversation.hasNews;
      const waitMs = soon ? 0 : conversation.isBusy ? LINK_LIMITS.busyPollMs : LINK_LIMITS.heartbeatMs;
      this.#cancelNext = process.clock.after(waitMs, () => this.#ask());
    };
    const cancelPatience = process.clock.after(LINK_LIMITS.answerMs, () =>
      answer(null, 'the server did not answer in time'),
    );
    this.#carry(conversation.next(), answer);
  }

  #failed(says: string): void {
    const { conversation, contact, process } = this.#options;
    conversation.observe(null);
    conversation.startOver();
    contact.down(says);
    this.#cancelNext = process.clock.after(this.#backoff.next(), () => this.#ask());
  }

  #carry(bytes: Uint8Array, answer: (bytes: Uint8Array | null, says: string) => void): void {
    const { network, target, token } = this.#options;
    const gateway = network.route();
    if (gateway === null) {
      network.loop.after(network.latencyMs, () => answer(null, 'the server cannot be reached'));
      return;
    }
    const { chance, weather } = network;
    const copies = chance.happens(weather.lose) ? 0 : chance.happens(weather.repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const lateMs = chance.happens(weather.late) ? LINK_LIMITS.answerMs + chance.between(0, LATEST_MS) : 0;
      network.loop.after(network.latencyMs + lateMs, async () => {
        if (network.cut.has(target) || !gateway.process.alive) return;
        if (!gateway.admits(token())) return answer(null, 'the server does not accept this token');
        const answered = await gateway.answer(bytes);
        if (chance.happens(weather.lose) || !gateway.process.alive) return;
        network.loop.after(network.latencyMs, () => network.cut.has(target) || answer(answered, ''));
      });
    }
  }
}
