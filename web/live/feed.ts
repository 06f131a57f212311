import type { FleetChangeBody } from '../../src/wire/http/fleet.ts';
import type { EventBody, LogPage } from '../../src/wire/http/log.ts';
import type { RolloutSummaryBody, RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { type ApiClient, ApiFault, faultOf } from '../api/apiClient.ts';
import type { Fleet } from './fleet.ts';
import { type Facts, type Live, MOST_EVENTS, MOST_ROLLOUTS, NOTHING_YET, summarised } from './live.ts';
import { type LiveEvent, readLiveStream } from './liveStream.ts';
import { PARTS, type PartName, partsTouchedBy } from './parts.ts';
import { Store } from './store.ts';

/** The server says something at least every 15 seconds. */
const SILENCE_MS = 40_000;

/** Keeps what is known up to date: reads everything once, then follows the live stream; begins again whenever that breaks off. */
export class Feed {
  readonly live = new Store<Live>(NOTHING_YET);
  readonly #client: ApiClient;
  readonly #fleet: Fleet;
  #wake: () => void = () => undefined;
  #stale = new Set<PartName>();
  #refreshing = false;

  constructor(client: ApiClient, fleet: Fleet) {
    this.#client = client;
    this.#fleet = fleet;
  }

  async signIn(token: string): Promise<void> {
    await this.#client.signIn(token);
    this.#begin();
  }

  async signOut(): Promise<void> {
    await this.#client.signOut();
    this.#begin();
  }

  /** Ends the wait before the next attempt. */
  retryNow(): void {
    this.#wake();
  }

  /** Never returns. */
  async run(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const session = new AbortController();
      this.#begin = () => {
        session.abort();
        this.#wake();
      };
      try {
        if (this.live.get().connection.kind !== 'lost') this.#set({ connection: { kind: 'connecting' } });
        await this.#follow(session.signal, () => {
          attempt = 0;
        });
        if (!session.signal.aborted) await this.#lose('the control plane closed the connection', attempt);
      } catch (error) {
        const fault = faultOf(error);
        if (session.signal.aborted) attempt = -1;
        else if (fault.status === 401 || fault.status === 403) await this.#signedOut(fault.message);
        else await this.#lose(fault.message, attempt);
      } finally {
        session.abort();
      }
    }
  }

  /** Reads how one rollout stands: for whoever opened it, and at its end. Rejects with an ApiFault. */
  async openRollout(id: string): Promise<void> {
    this.stands(await this.#client.get<RolloutViewBody>(`/v1/rollouts/${encodeURIComponent(id)}`));
  }

  /** Takes in how a rollout stands, as a command on it answered. */
  stands(view: RolloutViewBody): void {
    this.#update(({ views, rollouts }) => ({
      views: new Map(views).set(view.rollout.id, view),
      rollouts: summarised(rollouts, view),
    }));
  }

  /** Reads parts again that nothing on the record may have told of. */
  refresh(...parts: readonly PartName[]): void {
    for (const part of parts) this.#stale.add(part);
    void this.#refreshStale();
  }

  #begin: () => void = () => undefined;

  async #follow(signal: AbortSignal, live: () => void): Promise<void> {
    const client = this.#client;
    const session = await client.session(signal);
    this.#set({ session });
    if (session.session === null && !session.anonymousViewer) return await this.#signedOut(null, signal);
    const { head } = await client.get<LogPage>('/v1/log?limit=1', signal);
    // The stream starts where the answers below may end at the earliest, so nothing falls between them.
    const [{ items: events }, rollouts, parts] = await Promise.all([
      client.get<LogPage>(`/v1/log?after=${Math.max(0, head - 200)}&limit=200`, signal),
      client.list<RolloutSummaryBody>('/v1/rollouts', MOST_ROLLOUTS, signal),
      Promise.all(Object.values(PARTS).map(({ read }) => read(client, signal))),
    ]);
    const known = this.live.get().facts?.views ?? new Map<string, RolloutViewBody>();
    const facts = Object.assign({}, ...parts) as Omit<Facts, 'rollouts' | 'views' | 'events'>;
    this.#set({
      facts: { ...facts, rollouts, views: known, events: events.filter(({ position }) => position <= head) },
    });
    // What ended while nobody listened is not on the stream.
    const ended = [...known.keys()].filter((id) => rollouts.find((one) => one.id === id)?.endedAt !== null);
    for (const id of ended) await this.openRollout(id).catch(() => undefined);
    const response = await client.open(`/v1/events?after=${head}&fleet=${this.#fleet.cursor}`, signal);
    if (response.body === null) throw new ApiFault(0, 'the live stream has no content');
    live();
    this.#set({ connection: { kind: 'live' }, heardAt: Date.now() });
    const isEnded = await readLiveStream(
      response.body,
      SILENCE_MS,
      () => this.#set({ heardAt: Date.now() }),
      (event) => this.#received(event),
    );
    if (!isEnded) throw new ApiFault(0, 'nothing was heard for too long');
  }

  #received({ type, data }: LiveEvent): void {
    if (type === 'rollout') this.stands(JSON.parse(data) as RolloutViewBody);
    if (type === 'fleet') this.#fleet.fold(JSON.parse(data) as FleetChangeBody);
    if (type !== 'appended') return;
    const event = JSON.parse(data) as EventBody;
    this.#update(({ events }) => ({ events: [...events, event].slice(-MOST_EVENTS) }));
    this.refresh(...partsTouchedBy(event.type));
    // A rollout may be over before the stream has said once how it stands.
    const isOver = event.type === 'RolledBack' || event.type === 'RolloutCompleted';
    if (isOver && typeof event.data.id === 'string') void this.openRollout(event.data.id).catch(() => undefined);
  }

  /** One read of each stale part at a time, however many events made it so. A failure shows in the stream, and then everything is read again. */
  async #refreshStale(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      while (this.#stale.size > 0 && this.live.get().facts !== null) {
        const stale = [...this.#stale];
        this.#stale.clear();
        const signal = AbortSignal.timeout(20_000);
        const parts = await Promise.all(stale.map((name) => PARTS[name].read(this.#client, signal)));
        this.#update(() => Object.assign({}, ...parts) as Partial<Facts>);
      }
    } catch {
      this.#stale.clear();
    } finally {
      this.#refreshing = false;
    }
  }

  /** What was shown is taken off the screen: it is for those who may see it. */
  async #signedOut(says: string | null, signal?: AbortSignal): Promise<void> {
    this.#fleet.forget();
    this.#set({ connection: { kind: 'signed-out', says }, facts: null, heardAt: null });
    await this.#pause(null);
    signal?.throwIfAborted();
  }

  /** Waits 1, 2, 4 … at most 15 seconds, each a little shorter by chance so that consoles do not come back all at once. */
  async #lose(says: string, attempt: number): Promise<void> {
    const waitMs = Math.min(15_000, 1000 * 2 ** Math.min(attempt, 4)) * (0.75 + Math.random() / 4);
    const { connection, heardAt } = this.live.get();
    const since = connection.kind === 'lost' ? connection.since : (heardAt ?? Date.now());
    this.#set({ connection: { kind: 'lost', says, since, retryAt: Date.now() + waitMs } });
    await this.#pause(waitMs);
  }

  async #pause(waitMs: number | null): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (waitMs !== null) setTimeout(resolve, waitMs);
    });
  }

  #set(part: Partial<Live>): void {
    this.live.set({ ...this.live.get(), ...part });
  }

  #update(change: (facts: Facts) => Partial<Facts>): void {
    const { facts } = this.live.get();
    if (facts !== null) this.#set({ facts: { ...facts, ...change(facts) } });
  }
}
