import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { StoredEvent, UnstoredEvent } from '../../wire/storedEvent.ts';

/**
 * The record and what it needs beside it. Guarantees every implementation gives, shown by one contract suite:
 *
 * - `append` is atomic and durable: when its promise resolves with events, they are on disk (fsync) and survive SIGKILL and
 *   power loss. All of a batch or nothing.
 * - Fenced (law 20): it appends only if the log ends exactly at `expected`; else it appends nothing and says where the log ends.
 * - Hash-chained (law 19): each event's `hash` is SHA-256 over the previous event's hash and its own canonical JSON.
 * - Positions start at 1 and have no gaps.
 * - A failure (disk full, I/O error, corruption) rejects with a `StoreError` and leaves the store as it was; later calls may succeed.
 * - No call blocks the caller's event loop on a disk.
 */
export interface Store {
  append(expected: number, events: readonly UnstoredEvent[]): Promise<AppendOutcome>;
  /** Events after a position, in order, at most `limit` (default 1000). */
  read(after: number, limit?: number): Promise<readonly StoredEvent[]>;
  /** Position of the last event, 0 for none. */
  head(): Promise<number>;
  /** Recomputes every hash. Bounded memory. */
  verify(): Promise<VerifyOutcome>;

  /** Stores bytes under their SHA-256, durably. The same bytes twice is fine. */
  putArtifact(bytes: Uint8Array): Promise<Digest>;
  /** `null` when there is none; rejects with `corrupt` when the bytes no longer have their digest. */
  getArtifact(digest: Digest): Promise<Uint8Array | null>;

  /** How far the named performer of effects has got. 0 at first. Written after the effects, so effects may be repeated, never lost. */
  cursor(name: string): Promise<number>;
  setCursor(name: string, position: number): Promise<void>;

  /** What was measured, beside the log: windows of counts per arm. Batched; durable when resolved. */
  addWindows(windows: readonly MeasuredWindow[]): Promise<void>;
  /** All windows of a rollout, oldest first. */
  windows(rollout: string): Promise<readonly MeasuredWindow[]>;

  /** What the judge found, beside the log. Batched; durable when resolved. All of a batch or nothing. */
  addJudged(windows: readonly JudgedWindow[]): Promise<void>;
  /** Everything that it found of a rollout, in the order in which it was added. */
  judged(rollout: string): Promise<readonly JudgedWindow[]>;

  /** Parts of what is known of services' pasts: each in the place of the one of that name. All of a batch or nothing. */
  keepPast(parts: readonly PastPart[]): Promise<void>;
  /** Of one service, by the parts' names. */
  past(service: string): Promise<readonly PastPart[]>;

  /** Releases the lock and the thread. No call may follow. */
  close(): Promise<void>;
}

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly events: readonly StoredEvent[] }
  | { readonly outcome: 'conflict'; readonly head: number };

export type VerifyOutcome =
  | { readonly outcome: 'intact'; readonly head: number; readonly hash: string }
  | { readonly outcome: 'broken'; readonly position: number; readonly says: string };

/** Counts that one arm of one role gathered for one metric in one span of time. */
export interface MeasuredWindow {
  readonly rollout: string;
  readonly stage: string;
  readonly role: string;
  readonly arm: 'treated' | 'untouched';
  readonly metric: string;
  readonly at: Instant;
  readonly count: number;
}

/** What the judge found in one window of a rollout. The store does not look into it. */
export interface JudgedWindow {
  readonly rollout: string;
  /** End of the window. */
  readonly at: Instant;
  readonly body: Json;
}

/** A part of what is known of a service's past, under a name of its own; `null` is nothing, and forgets what was there. */
export interface PastPart {
  readonly service: string;
  readonly part: string;
  readonly body: Json;
}

export type StoreFault =
  | 'locked' // another process has this store open
  | 'disk-full'
  | 'corrupt' // not a database, or a page, a hash or an artifact is wrong
  | 'newer' // written by a later version of Ringfence
  | 'unavailable'; // anything else the disk or the database says

/** `message` says what was wrong, where, and what to do. */
export class StoreError extends Error {
  readonly fault: StoreFault;
  constructor(fault: StoreFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.fault = fault;
  }
}
