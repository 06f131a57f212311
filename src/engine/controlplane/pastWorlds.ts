import type { Instant } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { EMPTY_WORLD, WorldDraft } from '../../core/record/evolveWorld.ts';
import type { HoldReason } from '../../core/rollout/hold.ts';
import { fromStored } from '../../wire/recordedEvent.ts';
import type { PastMoment, PastWorld } from '../ports/controlPlane.ts';
import type { Store } from '../ports/store.ts';

/** How many events are read before anything else gets a turn. */
const PAGE = 500;

/**
 * The decided state as it was, by folding the log again up to a moment. One after the other, and the last answer is kept: however many
 * ask, there is one fold at a time and one world of the past in memory.
 */
export class PastWorlds {
  readonly #log: Pick<Store, 'read'>;
  readonly #now: () => Instant;
  #turn: Promise<unknown> = Promise.resolve();
  #last: PastWorld | null = null;

  constructor(log: Pick<Store, 'read'>, now: () => Instant) {
    this.#log = log;
    this.#now = now;
  }

  /** An error says why there is no such moment. Rejects with a StoreError. */
  at(moment: PastMoment): Promise<Result<PastWorld, string>> {
    const turn = this.#turn.then(() => this.#at(moment));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #at(moment: PastMoment): Promise<Result<PastWorld, string>> {
    const found = 'at' in moment ? await this.#positionAt(moment.at) : await this.#checked(moment.position);
    if (!found.ok) return found;
    if (this.#last?.position !== found.value) this.#last = await this.#fold(found.value);
    return ok(this.#last);
  }

  /** A clock may have been set back in between: what counts is the last event that says it was not later than that. */
  async #positionAt(at: Instant): Promise<Result<number, string>> {
    const now = this.#now();
    if (at > now) return err(`${shown(at)} lies ahead: it is ${shown(now)}`);
    let [position, first, head]: [number, Instant | null, number] = [0, null, 0];
    for await (const event of this.#events(Number.MAX_SAFE_INTEGER)) {
      first ??= event.at;
      head = event.position;
      if (event.at <= at) position = event.position;
    }
    if (position > 0) return ok(position);
    const begins = first === null ? 'nothing is recorded yet' : `the record begins at ${shown(first)}`;
    return err(head === 0 ? begins : `${shown(at)} is before anything was recorded: ${begins}`);
  }

  async #checked(position: number): Promise<Result<number, string>> {
    if (position === 0) return err('the record begins with event 1');
    const [event] = await this.#log.read(position - 1, 1);
    if (event !== undefined) return ok(position);
    return err(`there is no event ${position} yet`);
  }

  async #fold(until: number): Promise<PastWorld> {
    const draft = new WorldDraft(EMPTY_WORLD);
    let at: Instant = 0;
    const words = new Map<string, Map<HoldReason, string>>();
    for await (const stored of this.#events(until)) {
      const event = fromStored(stored);
      at = event.at;
      draft.apply(event);
      if (event.type !== 'HoldRaised') continue;
      const { id, reason, says } = event.data;
      words.set(id, new Map(words.get(id)).set(reason, says));
    }
    return { position: until, at, world: draft.done(), words };
  }

  async *#events(until: number) {
    for (let after = 0; after < until; ) {
      const page = await this.#log.read(after, Math.min(PAGE, until - after));
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }
}

function shown(at: Instant): string {
  return new Date(at).toISOString();
}
