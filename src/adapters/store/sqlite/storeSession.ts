import type { DatabaseSync } from 'node:sqlite';
import type { Digest } from '../../../core/kernel/digest.ts';
import {
  type AppendOutcome,
  type JudgedWindow,
  type MeasuredWindow,
  type PastPart,
  StoreError,
  type VerifyOutcome,
} from '../../../engine/ports/store.ts';
import type { StoredEvent, UnstoredEvent } from '../../../wire/storedEvent.ts';
import { artifactDigest } from '../artifactDigest.ts';
import { type BrokenLink, brokenEnd, chainEvent, EMPTY_LOG, followLink, type LogEnd } from '../hashChain.ts';
import { addJudgedWindow } from './statements/addJudgedWindow.ts';
import { addWindow } from './statements/addWindow.ts';
import { appendEvent } from './statements/appendEvent.ts';
import { getArtifact } from './statements/getArtifact.ts';
import { moveLogEnd } from './statements/moveLogEnd.ts';
import { putArtifact } from './statements/putArtifact.ts';
import { readCursor } from './statements/readCursor.ts';
import { readEvents } from './statements/readEvents.ts';
import { readHash } from './statements/readHash.ts';
import { readJudgedWindows } from './statements/readJudgedWindows.ts';
import { readLogEnd } from './statements/readLogEnd.ts';
import { readPastParts } from './statements/readPastParts.ts';
import { readWindows } from './statements/readWindows.ts';
import { writeCursor } from './statements/writeCursor.ts';
import { writePastPart } from './statements/writePastPart.ts';

/** How many events `verifyPage` checks at a time: few enough that an append waiting behind it hardly notices. */
const VERIFY_PAGE_EVENTS = 500;

/** What the store's thread can be asked, done on the disk before it returns. Opens no transaction: its caller does, around the writes. */
export interface StoreSession {
  append(expected: number, events: readonly UnstoredEvent[]): AppendOutcome;
  read(after: number, limit: number): readonly StoredEvent[];
  head(): number;
  /** Verifies the next page of the log after `end`; `more` says where to go on. */
  verifyPage(end: LogEnd): VerifyOutcome | { readonly outcome: 'more'; readonly end: LogEnd };
  putArtifact(bytes: Uint8Array): Digest;
  getArtifact(digest: Digest): Uint8Array<ArrayBuffer> | null;
  cursor(name: string): number;
  setCursor(name: string, position: number): void;
  addWindows(windows: readonly MeasuredWindow[]): void;
  windows(rollout: string): readonly MeasuredWindow[];
  addJudged(windows: readonly JudgedWindow[]): void;
  judged(rollout: string): readonly JudgedWindow[];
  keepPast(parts: readonly PastPart[]): void;
  past(service: string): readonly PastPart[];
}

export function storeSession(database: DatabaseSync, file: string): StoreSession {
  const statements = {
    appendEvent: appendEvent(database),
    readEvents: readEvents(database),
    readHash: readHash(database),
    readLogEnd: readLogEnd(database),
    moveLogEnd: moveLogEnd(database),
    putArtifact: putArtifact(database),
    getArtifact: getArtifact(database),
    readCursor: readCursor(database),
    writeCursor: writeCursor(database),
    addWindow: addWindow(database),
    readWindows: readWindows(database),
  };
  // A log that is only looked at may lie in a database from before there was a judge: what it lacks is not asked for.
  const judge = lazily(() => ({
    addWindow: addJudgedWindow(database),
    readWindows: readJudgedWindows(database),
    writePart: writePastPart(database),
    readParts: readPastParts(database),
  }));

  const corrupt = (says: string) =>
    new StoreError(
      'corrupt',
      `${file}: ${says}. Stop the server, keep the file for inspection and restore it from a backup.`,
    );

  function logEnd(): LogEnd {
    const end = statements.readLogEnd();
    if (end === null) throw corrupt('it no longer says where its log ends');
    return end;
  }

  /** The events after `start`, at most `limit`, as far as the chain holds; and where it breaks. */
  function follow(
    start: LogEnd,
    limit: number,
  ): { events: readonly StoredEvent[]; end: LogEnd; broken: BrokenLink | null } {
    const rows = statements.readEvents(start.position, limit);
    const events: StoredEvent[] = [];
    let end = start;
    for (const row of rows) {
      const link = followLink(end, row);
      if (!link.ok) return { events, end, broken: link.error };
      events.push(link.value);
      end = { position: row.position, hash: row.hash };
    }
    const known = logEnd();
    const goesOn = rows.length === limit && end.position < known.position;
    return { events, end, broken: goesOn ? null : brokenEnd(end, known) };
  }

  return {
    append(expected, events) {
      let end = logEnd();
      // The fence (law 20). Read from the disk inside the transaction, so it holds even against a process that ignored the lock.
      if (end.position !== expected) return { outcome: 'conflict', head: end.position };
      const appended: StoredEvent[] = [];
      for (const unstored of events) {
        const { row, event } = chainEvent(end, unstored);
        statements.appendEvent(row);
        appended.push(event);
        end = row;
      }
      if (appended.length > 0) statements.moveLogEnd(end);
      return { outcome: 'appended', events: appended };
    },

    read(after, limit) {
      if (limit <= 0 || after >= logEnd().position) return [];
      const position = Math.max(0, after);
      const hash = position === 0 ? EMPTY_LOG.hash : statements.readHash(position);
      if (hash === null) throw corrupt(`event ${position} is missing, but later ones are there`);
      const { events, broken } = follow({ position, hash }, limit);
      if (broken !== null) throw corrupt(broken.says);
      return events;
    },

    head: () => logEnd().position,

    verifyPage(start) {
      const { end, broken } = follow(start, VERIFY_PAGE_EVENTS);
      if (broken !== null) return { outcome: 'broken', ...broken };
      if (end.position < logEnd().position) return { outcome: 'more', end };
      return { outcome: 'intact', head: end.position, hash: end.hash };
    },

    putArtifact(bytes) {
      const digest = artifactDigest(bytes);
      statements.putArtifact(digest, bytes);
      return digest;
    },

    getArtifact(digest) {
      const bytes = statements.getArtifact(digest);
      if (bytes === null) return null;
      const found = artifactDigest(bytes);
      if (found !== digest) throw corrupt(`the artifact ${digest} now has the digest ${found}`);
      return bytes;
    },

    cursor: statements.readCursor,
    setCursor: statements.writeCursor,
    addWindows: (windows) => windows.forEach(statements.addWindow),
    windows: statements.readWindows,
    addJudged: (windows) => windows.forEach(judge().addWindow),
    judged: (rollout) => judge().readWindows(rollout),
    keepPast: (parts) => parts.forEach(judge().writePart),
    past: (service) => judge().readParts(service),
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}
