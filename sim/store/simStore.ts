import { artifactDigest } from '../../src/adapters/store/artifactDigest.ts';
import {
  type BrokenLink,
  brokenEnd,
  chainEvent,
  EMPTY_LOG,
  type EventRow,
  followLink,
  type LogEnd,
} from '../../src/adapters/store/hashChain.ts';
import { canonicalJson, type Json } from '../../src/core/kernel/canonicalJson.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import {
  type AppendOutcome,
  type JudgedWindow,
  type MeasuredWindow,
  type PastPart,
  type Store,
  StoreError,
  type VerifyOutcome,
} from '../../src/engine/ports/store.ts';
import type { StoredEvent, UnstoredEvent } from '../../src/wire/storedEvent.ts';
import type { SimDatabase } from './simDatabase.ts';

/** Carries out one piece of work on the disk; it is durable once that has run, and known to be when the promise resolves. */
export type Perform = <T>(work: () => T) => Promise<T>;

const VERIFY_PAGE_EVENTS = 500;

/**
 * The port `Store` over a simulated disk, with the real hash chain. One call after the other, as the real one's thread does. It
 * passes the contract suite that the real one passes.
 */
export class SimStore implements Store {
  readonly #database: SimDatabase;
  readonly #perform: Perform;
  readonly #appended: (expected: number, events: readonly StoredEvent[]) => void;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `appended` is called at the moment at which events are on the disk, before anybody is told. */
  constructor(
    database: SimDatabase,
    perform: Perform,
    appended: (expected: number, events: readonly StoredEvent[]) => void = () => {},
  ) {
    this.#database = database;
    this.#perform = perform;
    this.#appended = appended;
  }

  append(expected: number, events: readonly UnstoredEvent[]): Promise<AppendOutcome> {
    return this.#write(() => {
      let { end } = this.#database;
      if (end.position !== expected) return { outcome: 'conflict', head: end.position };
      const rows: EventRow[] = [];
      const appended: StoredEvent[] = [];
      for (const unstored of events) {
        const chained = chainEvent(end, unstored);
        rows.push(chained.row);
        appended.push(chained.event);
        end = chained.row;
      }
      this.#database.rows.push(...rows);
      this.#database.end = { position: end.position, hash: end.hash };
      if (appended.length > 0) this.#appended(expected, appended);
      return { outcome: 'appended', events: appended };
    });
  }

  read(after: number, limit = 1000): Promise<readonly StoredEvent[]> {
    return this.#inTurn(() => {
      if (limit <= 0 || after >= this.#database.end.position) return [];
      const position = Math.max(0, after);
      const before = this.#rowAt(position);
      const hash = position === 0 ? EMPTY_LOG.hash : before?.hash;
      if (hash === undefined) throw corrupt(`event ${position} is missing, but later ones are there`);
      const { events, broken } = this.#follow({ position, hash }, limit);
      if (broken !== null) throw corrupt(broken.says);
      return events;
    });
  }

  head(): Promise<number> {
    return this.#inTurn(() => this.#database.end.position);
  }

  async verify(): Promise<VerifyOutcome> {
    for (let end = EMPTY_LOG; ; ) {
      const from = end;
      const page = await this.#inTurn(() => this.#follow(from, VERIFY_PAGE_EVENTS));
      if (page.broken !== null) return { outcome: 'broken', ...page.broken };
      end = page.end;
      if (end.position >= this.#database.end.position) return { outcome: 'intact', head: end.position, hash: end.hash };
    }
  }

  putArtifact(bytes: Uint8Array): Promise<Digest> {
    const copy = new Uint8Array(bytes);
    return this.#write(() => {
      const digest = artifactDigest(copy);
      this.#database.artifacts.set(digest, copy);
      return digest;
    });
  }

  getArtifact(digest: Digest): Promise<Uint8Array | null> {
    return this.#inTurn(() => {
      const bytes = this.#database.artifacts.get(digest) ?? null;
      if (bytes !== null && artifactDigest(bytes) !== digest) throw corrupt(`the artifact ${digest} is damaged`);
      return bytes;
    });
  }

  cursor(name: string): Promise<number> {
    return this.#inTurn(() => this.#database.cursors.get(name) ?? 0);
  }

  setCursor(name: string, position: number): Promise<void> {
    return this.#write(() => void this.#database.cursors.set(name, position));
  }

  addWindows(windows: readonly MeasuredWindow[]): Promise<void> {
    return this.#write(() => {
      if (!windows.every(({ count }) => Number.isFinite(count)))
        throw new StoreError('unavailable', 'a window has a count that is no number');
      this.#database.windows.push(...windows);
    });
  }

  windows(rollout: string): Promise<readonly MeasuredWindow[]> {
    return this.#inTurn(() =>
      this.#database.windows.filter((window) => window.rollout === rollout).sort((a, b) => a.at - b.at),
    );
  }

  addJudged(windows: readonly JudgedWindow[]): Promise<void> {
    return this.#write(() => {
      const kept = windows.map(({ rollout, at, body }) => ({ rollout, at, body: asStored(body) }));
      this.#database.judged.push(...kept);
    });
  }

  judged(rollout: string): Promise<readonly JudgedWindow[]> {
    return this.#inTurn(() => this.#database.judged.filter((window) => window.rollout === rollout));
  }

  keepPast(parts: readonly PastPart[]): Promise<void> {
    return this.#write(() => {
      const kept = parts.map((part) => ({ ...part, body: asStored(part.body) }));
      for (const part of kept) {
        const key = `${part.service}\n${part.part}`;
        if (part.body === null) this.#database.past.delete(key);
        else this.#database.past.set(key, part);
      }
    });
  }

  past(service: string): Promise<readonly PastPart[]> {
    return this.#inTurn(() =>
      [...this.#database.past.values()]
        .filter((part) => part.service === service)
        .sort((a, b) => (a.part < b.part ? -1 : 1)),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }

  #follow(start: LogEnd, limit: number): { events: readonly StoredEvent[]; end: LogEnd; broken: BrokenLink | null } {
    const { rows } = this.#database;
    const sorted = isSorted(rows) ? rows : rows.toSorted((a, b) => a.position - b.position);
    const from = sorted === rows ? start.position : sorted.findIndex((row) => row.position > start.position);
    const page = from === -1 ? [] : sorted.slice(from, from + limit);
    const events: StoredEvent[] = [];
    let end = start;
    for (const row of page) {
      const link = followLink(end, row);
      if (!link.ok) return { events, end, broken: link.error };
      events.push(link.value);
      end = { position: row.position, hash: row.hash };
    }
    const goesOn = page.length === limit && end.position < this.#database.end.position;
    return { events, end, broken: goesOn ? null : brokenEnd(end, this.#database.end) };
  }

  /** Where nobody has meddled with the database, a row stands where its position says. */
  #rowAt(position: number): EventRow | undefined {
    const { rows } = this.#database;
    const there = rows[position - 1];
    return there?.position === position ? there : rows.find((row) => row.position === position);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#inTurn(() => {
      if (this.#database.full) throw new StoreError('disk-full', 'the disk is full; free some space');
      return work();
    });
  }

  #inTurn<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreError('unavailable', 'the store is closed'));
    const turn = this.#tail.then(() => this.#perform(work));
    this.#tail = turn.catch(() => {});
    return turn;
  }
}

/** As it would come back from a disk: what is no JSON is refused, and nobody else's object is kept. */
function asStored(body: Json): Json {
  return JSON.parse(canonicalJson(body)) as Json;
}

function isSorted(rows: readonly EventRow[]): boolean {
  return (rows.at(-1)?.position ?? 0) === rows.length;
}

function corrupt(says: string): StoreError {
  return new StoreError('corrupt', `${says}. Stop the server and restore the database from a backup.`);
}
