import type { Channel } from '../../src/adapters/link/server/channel.ts';
import type { Gateway } from '../server/gateway.ts';
import { Pipe } from './pipe.ts';
import type { SimNetwork } from './simNetwork.ts';

export interface ConnectionClient {
  readonly target: string;
  onMessage(bytes: Uint8Array): void;
  onClose(says: string): void;
}

/** A stream between one agent and one server. Each end may know that it is over long before the other does. */
export class SimConnection implements Channel {
  readonly transport = 'websocket';
  readonly uids = new Set<string>();
  readonly #network: SimNetwork;
  readonly #gateway: Gateway;
  readonly #client: ConnectionClient;
  readonly #up: Pipe;
  readonly #down: Pipe;
  #serverOpen = true;
  #clientOpen = true;
  #waking = false;

  constructor(network: SimNetwork, gateway: Gateway, client: ConnectionClient) {
    this.#network = network;
    this.#gateway = gateway;
    this.#client = client;
    this.#up = new Pipe(network, client.target);
    this.#down = new Pipe(network, client.target);
  }

  get isOpen(): boolean {
    return this.#serverOpen;
  }

  get target(): string {
    return this.#client.target;
  }

  wake(uid: string): void {
    if (this.#waking) return;
    this.#waking = true;
    this.#network.loop.after(0, () => {
      this.#waking = false;
      if (this.#serverOpen) this.#gateway.tell(uid, this);
    });
  }

  async isAlive(): Promise<boolean> {
    if (!this.#serverOpen) return false;
    return this.#gateway.process.step(
      this.#network.latencyMs * 2,
      () => this.#clientOpen && !this.#network.cut.has(this.target),
    );
  }

  drop(): void {
    this.closeServer('another connection took its place');
  }

  toServer(bytes: Uint8Array): void {
    if (this.#clientOpen) this.#up.send(() => this.#serverOpen && this.#gateway.receive(bytes, this));
  }

  toClient(bytes: Uint8Array): void {
    if (this.#serverOpen) this.#down.send(() => this.#clientOpen && this.#client.onMessage(bytes));
  }

  /** The server's end is over; the agent hears of it when that gets through. */
  closeServer(says: string): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#gateway.closed(this);
    this.#down.send(() => this.#endClient(says));
  }

  /** The agent's end is over. `quietly`: nothing tells the server (power cut, a router that forgets). */
  closeClient(quietly: boolean): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    this.#down.close();
    if (!quietly) this.#up.send(() => this.#endServer());
  }

  /** It breaks in the middle: the agent notices now, the server after a while or by silence alone. */
  break(noticedAfterMs: number | null): void {
    this.#up.close();
    if (noticedAfterMs !== null) this.#network.loop.after(noticedAfterMs, () => this.#endServer());
    this.#endClient('the connection broke');
  }

  #endServer(): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#gateway.closed(this);
  }

  #endClient(says: string): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    this.#down.close();
    this.#client.onClose(says);
  }
}
