import { createHash } from 'node:crypto';
import { assert } from '../../core/kernel/assert.ts';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { StoredEvent, UnstoredEvent } from '../../wire/storedEvent.ts';

/**
 * The hash chain over the log (law 19), shared by everything that writes, reads or verifies it.
 *
 *   body = canonicalJson({position, stream, type, at, actor, data})        hash = sha256(previousHash + body), in hexadecimal
 *
 * A database keeps the body itself, as text: what is stored is what was hashed. No database can then alter an event by
 * keeping it (number formats, key order, characters it cannot hold), and anyone can verify the log with a SHA-256 tool alone.
 */

/** Where a log, or a stretch of it, ends: what the next event is chained to. */
export interface LogEnd {
  readonly position: number;
  readonly hash: string;
}

export const EMPTY_LOG: LogEnd = { position: 0, hash: '0'.repeat(64) };

/** An event as a database keeps it. */
export interface EventRow {
  readonly position: number;
  readonly body: string;
  readonly hash: string;
}

/** The first place where the log is not what was appended. */
export interface BrokenLink {
  readonly position: number;
  readonly says: string;
}

/**
 * Gives an event its place after `end`. The event that comes back is read from the row, so it equals what a later read will
 * give. Throws when the event has no such spelling: it would break the log for ever.
 */
export function chainEvent(end: LogEnd, event: UnstoredEvent): { readonly row: EventRow; readonly event: StoredEvent } {
  const position = end.position + 1;
  const body = bodyOf(position, event);
  const row = { position, body, hash: hashOf(end.hash, body) };
  const link = followLink(end, row);
  assert(link.ok, `an event of type ${event.type} cannot be appended: ${link.ok ? '' : link.error.says}`);
  return { row, event: link.value };
}

/** Reads a row that should come right after `end`, checking that it does and that nothing of it was changed. */
export function followLink(end: LogEnd, row: EventRow): Result<StoredEvent, BrokenLink> {
  const position = end.position + 1;
  if (row.position !== position) {
    return err({ position, says: `event ${position} is missing: the next one in the log is event ${row.position}` });
  }
  // A damaged schema may bring up anything.
  if (typeof row.body !== 'string' || typeof row.hash !== 'string') {
    return err({ position, says: `event ${position} cannot be read: its text or its hash is no text` });
  }
  const hash = hashOf(end.hash, row.body);
  if (row.hash !== hash) {
    const says = `event ${position} has the hash ${row.hash}, but what is stored hashes to ${hash}: it, its hash or the hash before it was changed after the append`;
    return err({ position, says });
  }
  const event = eventIn(row.body);
  if (event === null || bodyOf(position, event) !== row.body) {
    return err({ position, says: `event ${position} is not the canonical JSON of an event at that position` });
  }
  const { stream, type, at, actor, data } = event;
  return ok({ position, stream, type, at, actor, data, previousHash: end.hash, hash });
}

/** Compares the last event with where the log is known to end. The chain alone does not show that its end was cut off. */
export function brokenEnd(last: LogEnd, known: LogEnd): BrokenLink | null {
  if (last.position < known.position) {
    const position = last.position + 1;
    return {
      position,
      says: `event ${position} is missing: the log ends before it, but should end with event ${known.position}`,
    };
  }
  if (last.position > known.position) {
    const position = known.position + 1;
    return { position, says: `event ${position} was put in behind the end of the log, event ${known.position}` };
  }
  if (last.hash === known.hash) return null;
  const { position } = last;
  return {
    position,
    says: `event ${position}, the last, has the hash ${last.hash}, but the log should end with ${known.hash}`,
  };
}

function bodyOf(position: number, { stream, type, at, actor, data }: UnstoredEvent): string {
  return canonicalJson({ position, stream, type, at, actor, data });
}

function hashOf(previousHash: string, body: string): string {
  return createHash('sha256').update(previousHash).update(body).digest('hex');
}

function eventIn(body: string): UnstoredEvent | null {
  let value: Partial<Record<keyof UnstoredEvent, unknown>> | null;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  const isEvent =
    typeof value?.stream === 'string' &&
    typeof value.type === 'string' &&
    Number.isSafeInteger(value.at) &&
    typeof value.actor === 'string' &&
    typeof value.data === 'object' &&
    value.data !== null &&
    !Array.isArray(value.data);
  return isEvent ? (value as UnstoredEvent) : null;
}
