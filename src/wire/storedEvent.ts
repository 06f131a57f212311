import type { Instant } from '../core/kernel/instant.ts';

/** An event before it has a place in the log. */
export interface UnstoredEvent {
  /** `rollout/01J…`, `manifest/Service/shop`, `line`: what it is about. */
  readonly stream: string;
  readonly type: string;
  readonly at: Instant;
  /** Who caused it: `person:…`, `token:…`, `agent:…`, `engine`. Never a secret. */
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event in the log, as it is stored, hashed and served. */
export interface StoredEvent extends UnstoredEvent {
  readonly position: number;
  /** Hash of the event before, 64 hexadecimal digits; zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 over `previousHash` and the canonical JSON of `{position, stream, type, at, actor, data}`. */
  readonly hash: string;
}
