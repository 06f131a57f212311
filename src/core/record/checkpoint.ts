import type { DurationMs, Instant } from '../kernel/instant.ts';
import type { Signed } from '../policy/signed.ts';
import type { World } from './world.ts';

/**
 * "The log ended so when I signed this." Each hash covers every event before it, so one signature vouches for the whole record up
 * to its position. It is an event like any other, right behind the one it is of: the next one covers it too.
 */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  readonly position: number;
  /** Of the event at that position, as in the chain. */
  readonly hash: string;
  readonly at: Instant;
}

/** At the latest so many events are left unsigned when the next ones are appended. */
export const CHECKPOINT_EVENTS = 256;

/** At the latest so long after it was appended an event is signed, while the server runs. */
export const CHECKPOINT_MS: DurationMs = 60_000;

/** How many events the newest checkpoint does not cover. Its own event does not count: nothing would be left to say. */
export function unsignedEvents({ position, checkpoint }: World): number {
  return position - (checkpoint === null ? 0 : checkpoint.document.position + 1);
}

/** Reads a checkpoint out of data that anybody may have written; `null` when it is none. */
export function checkpointIn(data: unknown): Signed<Checkpoint> | null {
  const { document, key, signature } = membersOf(data);
  const { kind, position, hash, at } = membersOf(document);
  if (kind !== 'checkpoint' || typeof key !== 'string' || typeof signature !== 'string') return null;
  if (!isCount(position) || !isCount(at) || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return null;
  return { document: { kind, position, hash, at }, key, signature };
}

/** The members of what may be an object; none of what is not. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
