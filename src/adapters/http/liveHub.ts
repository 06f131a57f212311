import type { ControlPlane } from '../../engine/ports/controlPlane.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import { toEvent } from './eventBody.ts';
import { FleetBoard } from './fleetBoard.ts';
import { type LiveBlock, type LiveClient, type LiveOutput, openLiveClient } from './liveClient.ts';
import { toRolloutView } from './rolloutBodies.ts';

/** Events kept in memory, so that clients who are up to date never cause a read of the log. */
const TAIL_EVENTS = 1000;
/** Characters of the same. */
const TAIL_SIZE = 16 * 1024 * 1024;
/** Events read from the log at once. */
const PAGE_EVENTS = 200;
const PROGRESS_EVERY_MS = 250;

export interface LiveOptions {
  /** A comment this often shows that the connection lives; a client that took nothing in since the last one is closed. */
  readonly heartbeatMs: number;
  readonly mostClients: number;
}

export interface LiveWish {
  /** Everything after this position. */
  readonly after: number;
  /** The cursor up to which the fleet was heard of; `null`: the client does not ask for the fleet. */
  readonly fleet: string | null;
  readonly tokenId: string | null;
}

/** Feeds the live streams. One listener and one timer for all of them, however many there are. */
export class LiveHub {
  readonly #controlPlane: ControlPlane;
  readonly #options: LiveOptions;
  readonly #clients = new Set<LiveClient>();
  readonly #stopListening: () => void;
  /** The newest events, in order, without gaps. */
  #tail: readonly LiveBlock[] = [];
  /** How each rollout that is not over was last sent, as JSON. */
  #progress = new Map<string, string>();
  #ticking: NodeJS.Timeout | null = null;
  readonly #board: FleetBoard;
  readonly #watchers = new Set<LiveClient>();

  constructor(controlPlane: ControlPlane, options: LiveOptions) {
    this.#controlPlane = controlPlane;
    this.#options = options;
    this.#board = new FleetBoard(controlPlane);
    this.#stopListening = controlPlane.onAppend((events) => this.#appended(events));
  }

  get clients(): number {
    return this.#clients.size;
  }

  get full(): boolean {
    return this.#clients.size >= this.#options.mostClients;
  }

  /** Sends what is wished for, and from then on what comes, until the client goes or its token is revoked. Returns a way to end it. */
  join(output: LiveOutput, { after, fleet, tokenId }: LiveWish): () => void {
    const client = openLiveClient({
      output,
      after,
      tokenId,
      heartbeatMs: this.#options.heartbeatMs,
      eventsAfter: (position) => this.#eventsAfter(position),
      nextOfFleet: fleet === null ? () => null : this.#fleetFrom(fleet),
      closed: () => this.#left(client),
    });
    this.#clients.add(client);
    this.#refreshProgress();
    if (fleet !== null) {
      this.#watchers.add(client);
      this.#board.look();
    }
    for (const [id, view] of this.#progress) client.offerProgress(id, view);
    this.#ticking ??= setInterval(() => this.#tick(), PROGRESS_EVERY_MS);
    client.wake();
    return () => client.close();
  }

  /** Ends every stream. Clients may resume elsewhere, or later, from the last position they saw. */
  close(): void {
    this.#stopListening();
    this.#board.close();
    for (const client of [...this.#clients]) client.close();
  }

  #left(client: LiveClient): void {
    this.#clients.delete(client);
    this.#watchers.delete(client);
    if (this.#clients.size > 0 || this.#ticking === null) return;
    clearInterval(this.#ticking);
    this.#ticking = null;
    this.#progress.clear();
  }

  #appended(events: readonly StoredEvent[]): void {
    this.#tail = newest([...this.#tail, ...events.map(toBlock)]);
    const revoked = events.filter(({ type }) => type === 'TokenRevoked').map(({ data }) => data.id);
    for (const client of [...this.#clients]) {
      if (client.tokenId !== null && revoked.includes(client.tokenId)) client.close();
      else client.wake();
    }
  }

  /** The next events after a position, from memory or from the log; none when there are none yet. */
  async #eventsAfter(position: number): Promise<readonly LiveBlock[]> {
    const first = this.#tail[0]?.position;
    if (first !== undefined && position + 1 >= first) return this.#tail.slice(position + 1 - first);
    if (position >= this.#controlPlane.world().position) return [];
    return (await this.#controlPlane.log(position, PAGE_EVENTS)).map(toBlock);
  }

  #tick(): void {
    this.#refreshProgress();
    if (this.#watchers.size === 0) return;
    this.#board.look();
    for (const client of this.#watchers) client.wake();
  }

  #fleetFrom(heard: string): () => string | null {
    let cursor = heard;
    return () => {
      const next = this.#board.since(cursor);
      if (next === null) return null;
      cursor = next.cursor;
      return JSON.stringify(next);
    };
  }

  /** Offers every client how the running rollouts stand, where that changed; and of one that has just ended, how it ended. */
  #refreshProgress(): void {
    const before = this.#progress;
    const now = new Map<string, string>();
    for (const { id, endedAt } of this.#controlPlane.world().rollouts.values()) {
      if (endedAt !== null && !before.has(id)) continue;
      const view = this.#controlPlane.rolloutView(id);
      if (view === null) continue;
      const json = JSON.stringify(toRolloutView(view));
      if (json !== before.get(id)) for (const client of this.#clients) client.offerProgress(id, json);
      if (endedAt === null) now.set(id, json);
    }
    this.#progress = now;
  }
}

/** Written out once, however many clients there are. */
function toBlock(event: StoredEvent): LiveBlock {
  const { position } = event;
  return { position, text: `id: ${position}\nevent: appended\ndata: ${JSON.stringify(toEvent(event))}\n\n` };
}

/** As many of the last ones as are kept. */
function newest(blocks: readonly LiveBlock[]): readonly LiveBlock[] {
  let size = 0;
  const last = blocks.findLastIndex(({ text }) => {
    size += text.length;
    return size > TAIL_SIZE;
  });
  return blocks.slice(Math.max(last + 1, blocks.length - TAIL_EVENTS));
}
