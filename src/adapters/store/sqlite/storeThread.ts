// The store's thread: the only place where the database is touched. Started by openSqliteStore.ts, ends with `close`.
//
//   requests ──► queue ──► group ──► one transaction ──► one fsync ──► an answer to each
//                  ▲                        │ failed
//                  │ queued meanwhile       └──► each alone, in a transaction of its own
//
// While a group is being written, the next requests queue up; what is queued and small is then written as one group. So the
// busier the store is, the fewer fsyncs an append costs, and a lone append never waits for company. Answers are sent after
// the commit, in the order of the requests. Requests are never reordered.

import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert } from '../../../core/kernel/assert.ts';
import { ensureDirectory, openDatabase } from './openDatabase.ts';
import { isBusy, storeFault } from './storeFault.ts';
import { type StoreLock, takeStoreLock } from './storeLock.ts';
import { type StoreSession, storeSession } from './storeSession.ts';
import {
  type Answer,
  type Call,
  type CallName,
  failureOf,
  OPENING,
  type Request,
  type ThreadData,
} from './threadMessages.ts';
import { inTransaction } from './transaction.ts';

/** What may share a transaction. Not artifacts: nobody's append should wait until somebody's 16 MiB are written with it. */
const GROUPED: ReadonlySet<CallName> = new Set<CallName>([
  'append',
  'setCursor',
  'addWindows',
  'addJudged',
  'keepPast',
]);
const MAX_GROUP = 256;

assert(parentPort, 'storeThread.ts runs as a worker');
const port = parentPort;
const { directory, options } = workerData as ThreadData;
const file = join(directory, 'ringfence.db');

try {
  serve(open());
  answer({ id: OPENING, value: undefined });
} catch (error) {
  answer({ id: OPENING, failure: failureOf(storeFault(error, file)) });
}

interface Opened {
  readonly lock: StoreLock;
  readonly database: DatabaseSync;
  readonly session: StoreSession;
}

function open(): Opened {
  ensureDirectory(directory);
  const lock = takeStoreLock(directory);
  try {
    const database = openDatabase(file, options);
    return { lock, database, session: storeSession(database, file) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function serve({ lock, database, session }: Opened): void {
  port.on('message', (first: Request) => {
    const queue = [first];
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      queue.push(next.message);
    }
    for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
      if (request === 'close') return close();
      const group = GROUPED.has(request.name) ? [request, ...takeGrouped(queue)] : [request];
      if (group.length === 1 || !performTogether(group)) for (const call of group) answer(performAlone(call));
    }
  });

  /** Whether the calls are answered. When one of them cannot be carried out, nothing has happened and none is. */
  function performTogether(group: readonly Call[]): boolean {
    try {
      inTransaction(database, () => group.map(carryOut)).forEach(answer);
      return true;
    } catch (error) {
      if (!isBusy(error)) return false;
      // Another program holds the write lock; each call alone would wait for it as long again.
      for (const { id } of group) answer({ id, failure: failureOf(storeFault(error, file)) });
      return true;
    }
  }

  function performAlone(call: Call): Answer {
    try {
      return GROUPED.has(call.name) ? inTransaction(database, () => carryOut(call)) : carryOut(call);
    } catch (error) {
      return { id: call.id, failure: failureOf(storeFault(error, file)) };
    }
  }

  function carryOut({ id, name, args }: Call): Answer {
    const perform = session[name] as (...args: readonly unknown[]) => unknown;
    return { id, value: perform(...args) };
  }

  function close(): void {
    database.close();
    lock.release();
    port.close();
  }
}

/** Takes from the front what may share a transaction with the call before. */
function takeGrouped(queue: Request[]): readonly Call[] {
  const end = queue.findIndex((request) => request === 'close' || !GROUPED.has(request.name));
  return queue.splice(0, Math.min(end < 0 ? queue.length : end, MAX_GROUP - 1)) as Call[];
}

function answer(message: Answer): void {
  // An artifact's bytes change hands instead of being copied.
  const value = 'value' in message ? message.value : null;
  port.postMessage(message, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
}
