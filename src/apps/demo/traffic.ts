import { Agent, get } from 'node:http';
import type { Instance } from './fleetLayout.ts';
import { seededRandom } from './shop/seededRandom.ts';

/** What customers of one shop have seen. */
export interface Seen {
  /** Requests that were sent and came to an end. */
  readonly requests: number;
  /** Of those: answered with 5xx, or not at all. */
  readonly failures: number;
}

const NOTHING_SEEN: Seen = { requests: 0, failures: 0 };

/** How often requests are sent; each shop's share goes out at another moment. */
const TICK_MS = 20;
/** Requests that may be open to one shop at a time. More are not sent: the load stays bounded whatever the shop does. */
const MOST_OPEN = 16;
/** Customers are patient; the shop is not. */
const TIMEOUT_MS = 5000;

/**
 * Customers: a steady stream of requests to every shop, over loopback, in the mix that its role serves. They know nothing
 * of changes and count what they see.
 */
export class Traffic {
  readonly #perSecond: number;
  readonly #connections = new Agent({ keepAlive: true, maxSockets: MOST_OPEN });
  readonly #random = seededRandom(7);
  readonly #customers: Customer[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Begins to send requests to a shop. */
  add(instance: Instance, port: number): void {
    this.#customers.push({ instance, port, due: this.#random(), open: 0, seen: NOTHING_SEEN });
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** What was seen so far, by the shop's name. */
  seen(): ReadonlyMap<string, Seen> {
    return new Map(this.#customers.map(({ instance, seen }) => [instance.name, seen]));
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#connections.destroy();
  }

  #tick(): void {
    for (const customer of this.#customers) {
      customer.due += (this.#perSecond * TICK_MS) / 1000;
      while (customer.due >= 1) {
        customer.due -= 1;
        if (customer.open < MOST_OPEN) this.#ask(customer);
      }
    }
  }

  #ask(customer: Customer): void {
    customer.open += 1;
    let ended = false;
    const end = (failed: boolean): void => {
      if (ended) return;
      ended = true;
      customer.open -= 1;
      const { requests, failures } = customer.seen;
      customer.seen = { requests: requests + 1, failures: failures + (failed ? 1 : 0) };
    };
    const path = MIX[customer.instance.role](this.#random);
    const request = get({
      host: '127.0.0.1',
      port: customer.port,
      path,
      agent: this.#connections,
      timeout: TIMEOUT_MS,
    });
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => end((response.statusCode ?? 0) >= 500));
      response.on('error', () => end(true));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => end(true));
  }
}

interface Customer {
  readonly instance: Instance;
  readonly port: number;
  /** Requests that are to be sent by now, with the fraction of the next. */
  due: number;
  open: number;
  seen: Seen;
}

const WORDS = ['oak', 'lamp', 'glass', 'rug', 'stone', 'mirror'];

/** What customers of each role ask for. */
const MIX: Readonly<Record<Instance['role'], (random: () => number) => string>> = {
  web: (random) => (random() < 0.3 ? '/' : `/search?q=${WORDS[Math.floor(random() * WORDS.length)]}`),
  api: (random) => `${random() < 0.7 ? '/price' : '/stock'}?sku=${Math.floor(random() * 64)}`,
};
