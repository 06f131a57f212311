import type { SimNetwork } from './simNetwork.ts';

/** A cut stream tries again so often. */
const RETRY_MS = 400;

/** One direction of a stream: everything arrives once and in order, though perhaps late; or, once it is closed, nothing any more. */
export class Pipe {
  readonly #network: SimNetwork;
  readonly #target: string;
  readonly #queue: (() => void)[] = [];
  #carrying = false;
  #closed = false;

  constructor(network: SimNetwork, target: string) {
    this.#network = network;
    this.#target = target;
  }

  send(deliver: () => void): void {
    this.#queue.push(deliver);
    if (!this.#carrying) this.#carry();
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
  }

  #carry(): void {
    if (this.#queue.length === 0) return;
    this.#carrying = true;
    this.#network.loop.after(this.#network.latencyMs, () => this.#arrive());
  }

  #arrive(): void {
    if (this.#closed) return;
    if (this.#network.cut.has(this.#target)) {
      this.#network.loop.after(RETRY_MS, () => this.#arrive());
      return;
    }
    this.#carrying = false;
    this.#queue.shift()?.();
    this.#carry();
  }
}
