import type { ChangeBody } from '../src/wire/http/change.ts';
import type { HaltBody } from '../src/wire/http/halt.ts';
import type { EventBody, LogPage } from '../src/wire/http/log.ts';
import type { PipelineBody } from '../src/wire/http/pipeline.ts';
import type { RolloutSummaryBody, RolloutViewBody } from '../src/wire/http/rollout.ts';
import type { TargetBody } from '../src/wire/http/target.ts';
import { type ApiClient, ApiFault } from './apiClient.ts';
import { type LiveEvent, readLiveStream } from './liveStream.ts';

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** What is on the screen is from before `since`. */
  | { readonly kind: 'lost'; readonly says: string; readonly since: number; readonly retryAt: number }
  | { readonly kind: 'signed-out'; readonly says: string | null };

/** What is known of the control plane. Replaced part by part, never changed in place. */
export interface Known {
  readonly connection: Connection;
  /** When anything last came over the live stream; `null` before the first time. */
  readonly heardAt: number | null;
  /** `null` until the first answers are in. */
  readonly facts: Facts | null;
}

export interface Facts {
  readonly halt: HaltBody['halt'];
  /** Newest first. */
  readonly summaries: readonly RolloutSummaryBody[];
  readonly views: ReadonlyMap<string, RolloutViewBody>;
  readonly targets: readonly TargetBody[];
  readonly changes: readonly ChangeBody[];
  readonly pipelines: readonly PipelineBody[];
  /** Oldest first. */
  readonly events: readonly EventBody[];
}

const MOST_ROLLOUTS = 30;
const MOST_EVENTS = 200;
const MOST_TARGETS = 5000;
/** The server says something at least every 15 seconds. */
const SILENCE_MS = 40_000;

/** Keeps what is known up to date: reads everything once, then follows the live stream; begins again whenever that breaks off. */
export class Feed {
  known: Known = { connection: { kind: 'connecting' }, heardAt: null, facts: null };
  readonly #client: ApiClient;
  readonly #changed: () => void;
  #wake: () => void = () => undefined;
  #targetsAsked = 0;
  #refreshing = false;

  constructor(client: ApiClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
  }

  signIn(token: string): void {
    this.#client.signIn(token);
    this.#wake();
  }

  /** Ends the wait before the next attempt. */
  retryNow(): void {
    this.#wake();
  }

  /** Never returns. */
  async run(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const session = new AbortController();
      try {
        this.#set({ connection: { kind: 'connecting' } });
        await this.#follow(session.signal, () => {
          attempt = 0;
        });
        await this.#lose('the control plane closed the connection', attempt);
      } catch (error) {
        session.abort();
        const fault = error instanceof ApiFault ? error : new ApiFault(0, 'the connection broke off');
        if (fault.status === 401 || fault.status === 403) await this.#signedOut(fault);
        else await this.#lose(fault.message, attempt);
      } finally {
        session.abort();
      }
    }
  }

  /** Reads how one rollout stands: for the reader who opened it, and at its end. */
  async openRollout(id: string): Promise<void> {
    try {
      const view = await this.#client.get<RolloutViewBody>(
        `/v1/rollouts/${encodeURIComponent(id)}`,
        AbortSignal.timeout(20_000),
      );
      this.#stands(view);
    } catch {
      // The stream tells when the control plane is gone; the reader may open it again.
    }
  }

  /** Targets come and go without an event on the record, so they are asked for: every two seconds, twice a second where a rollout moves them, less often in a large fleet. */
  async refreshTargets(moving = false): Promise<void> {
    const { connection, facts } = this.known;
    if (connection.kind !== 'live' || facts === null || this.#refreshing || document.hidden) return;
    const everyMs = facts.targets.length > 1000 ? 10_000 : moving ? 500 : 1900;
    if (performance.now() - this.#targetsAsked < everyMs) return;
    this.#refreshing = true;
    this.#targetsAsked = performance.now();
    try {
      const targets = await this.#client.list<TargetBody>('/v1/targets', MOST_TARGETS, AbortSignal.timeout(20_000));
      this.#update(() => ({ targets }));
    } catch {
      // As above.
    } finally {
      this.#refreshing = false;
    }
  }

  async #follow(signal: AbortSignal, live: () => void): Promise<void> {
    const client = this.#client;
    const { head } = await client.get<LogPage>('/v1/log?limit=1', signal);
    // The stream starts where the answers below may end at the earliest, so nothing falls between them.
    const [{ items: events }, { halt }, summaries, targets, changes, pipelines] = await Promise.all([
      client.get<LogPage>(`/v1/log?after=${Math.max(0, head - 60)}&limit=60`, signal),
      client.get<HaltBody>('/v1/halt', signal),
      client.list<RolloutSummaryBody>('/v1/rollouts', MOST_ROLLOUTS, signal),
      client.list<TargetBody>('/v1/targets', MOST_TARGETS, signal),
      client.list<ChangeBody>('/v1/changes', 1000, signal),
      client.list<PipelineBody>('/v1/pipelines', 1000, signal),
    ]);
    const views = await Promise.all(
      worthOpening(summaries).map((id) =>
        client.get<RolloutViewBody>(`/v1/rollouts/${encodeURIComponent(id)}`, signal),
      ),
    );
    this.#set({
      facts: {
        halt,
        summaries,
        targets,
        changes,
        pipelines,
        views: new Map(views.map((view) => [view.rollout.id, view])),
        events: events.filter(({ position }) => position <= head),
      },
    });
    const response = await client.open(`/v1/events?after=${head}`, 'text/event-stream', signal);
    if (response.body === null) throw new ApiFault(0, 'the live stream has no content');
    live();
    this.#set({ connection: { kind: 'live' }, heardAt: Date.now() });
    const ended = await readLiveStream(
      response.body,
      SILENCE_MS,
      () => this.#set({ heardAt: Date.now() }),
      (event) => this.#received(event),
    );
    if (!ended) throw new ApiFault(0, 'nothing was heard for too long');
  }

  #received({ type, data }: LiveEvent): void {
    if (type === 'rollout') {
      this.#stands(JSON.parse(data) as RolloutViewBody);
      void this.refreshTargets(true);
    }
    if (type !== 'appended') return;
    const event = JSON.parse(data) as EventBody;
    this.#update(({ events }) => ({ events: [...events, event].slice(-MOST_EVENTS) }));
    void this.#refreshAfter(event.type);
    if (event.stream.startsWith('rollout/')) void this.refreshTargets(true);
    // A rollout may be over before the stream has said once how it stands.
    const over = event.type === 'RolledBack' || event.type === 'RolloutCompleted';
    if (over && typeof event.data.id === 'string') void this.openRollout(event.data.id);
  }

  #stands(view: RolloutViewBody): void {
    this.#update(({ views, summaries }) => ({
      views: new Map(views).set(view.rollout.id, view),
      summaries: summarised(summaries, view),
    }));
  }

  /** Reads again what an event made old, besides rollouts, which the stream itself brings. A failure shows in the stream. */
  async #refreshAfter(type: string): Promise<void> {
    const signal = AbortSignal.timeout(20_000);
    try {
      if (type === 'ChangeApplied' || type === 'DigestQuarantined') {
        const changes = await this.#client.list<ChangeBody>('/v1/changes', 1000, signal);
        this.#update(() => ({ changes }));
      } else if (type === 'PipelineApplied') {
        const pipelines = await this.#client.list<PipelineBody>('/v1/pipelines', 1000, signal);
        this.#update(() => ({ pipelines }));
      } else if (type === 'LineHalted' || type === 'LineLifted') {
        const { halt } = await this.#client.get<HaltBody>('/v1/halt', signal);
        this.#update(() => ({ halt }));
      }
    } catch {
      // The stream tells when the control plane is gone, and everything is read again when it is back.
    }
  }

  /** What was shown is taken off the screen: it is for those who may see it. */
  async #signedOut(fault: ApiFault): Promise<void> {
    const says = this.#client.signedIn ? fault.message : null;
    this.#client.signOut();
    this.#set({ connection: { kind: 'signed-out', says }, facts: null, heardAt: null });
    await this.#pause(null);
  }

  /** Waits 1, 2, 4 … at most 15 seconds, each a little shorter by chance so that pages do not come back all at once. */
  async #lose(says: string, attempt: number): Promise<void> {
    const waitMs = Math.min(15_000, 1000 * 2 ** Math.min(attempt, 4)) * (0.75 + Math.random() / 4);
    const { connection, heardAt } = this.known;
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

  #set(part: Partial<Known>): void {
    this.known = { ...this.known, ...part };
    this.#changed();
  }

  #update(change: (facts: Facts) => Partial<Facts>): void {
    const { facts } = this.known;
    if (facts !== null) this.#set({ facts: { ...facts, ...change(facts) } });
  }
}

/** Rollouts whose ladder is wanted at once: all that are under way, and the newest. */
function worthOpening(summaries: readonly RolloutSummaryBody[]): readonly string[] {
  return summaries.filter(({ endedAt }, index) => endedAt === null || index === 0).map(({ id }) => id);
}

/** The list with the rollout as it stands now; first when it is new. */
function summarised(
  summaries: readonly RolloutSummaryBody[],
  { rollout, says }: RolloutViewBody,
): readonly RolloutSummaryBody[] {
  const { id, change, pipeline, phase, plan, holds, paused, rollback, startedBy, startedAt, endedAt } = rollout;
  const summary: RolloutSummaryBody = {
    id,
    service: change.service,
    change: { digest: change.digest, name: change.name },
    pipeline: pipeline.name,
    phase,
    stage: plan[rollout.stage]?.name ?? '',
    stages: plan.length,
    holds,
    paused,
    rollback,
    startedBy,
    startedAt,
    endedAt,
    says,
  };
  return summaries.some((known) => known.id === id)
    ? summaries.map((known) => (known.id === id ? summary : known))
    : [summary, ...summaries].slice(0, MOST_ROLLOUTS);
}
