import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Store, StoreError, type VerifyOutcome } from '../../../engine/ports/store.ts';
import { EMPTY_LOG, type LogEnd } from '../hashChain.ts';
import type { DatabaseOptions } from './openDatabase.ts';
import type { StoreSession } from './storeSession.ts';
import { type Answer, type Call, errorOf, OPENING, type ThreadData } from './threadMessages.ts';

export type SqliteStoreOptions = DatabaseOptions;

/**
 * Opens the store in a directory (`DIRECTORY/ringfence.db`), making both where they are missing. All disk work is done by a
 * thread of its own; here are only messages to it. Rejects with a `StoreError`: `locked`, `corrupt`, `newer`, `disk-full` or
 * `unavailable`.
 *
 * Artifacts are rows of the same database: one file to back up, one commit, one answer to a full disk, and no file that
 * the record does not know. They are not cut up: a slot's content is at most 16 MiB, and the port hands it over whole anyway.
 */
export async function openSqliteStore(directory: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const thread = await startThread({ directory: resolve(directory), options });
  const { call } = thread;

  async function verify(): Promise<VerifyOutcome> {
    let end: LogEnd = EMPTY_LOG;
    // Page by page, so that appends get in between.
    for (;;) {
      const page = await call('verifyPage', end);
      if (page.outcome !== 'more') return page;
      end = page.end;
    }
  }

  return {
    append: (expected, events) => call('append', expected, events),
    read: (after, limit = 1000) => call('read', after, Math.max(0, limit)),
    head: () => call('head'),
    verify,
    // A copy of just these bytes, taken now: what the caller does to its own afterwards changes nothing.
    putArtifact: (bytes) => call('putArtifact', new Uint8Array(bytes)),
    getArtifact: (digest) => call('getArtifact', digest),
    cursor: (name) => call('cursor', name),
    setCursor: (name, position) => call('setCursor', name, position),
    addWindows: (windows) => call('addWindows', windows),
    windows: (rollout) => call('windows', rollout),
    addJudged: (windows) => call('addJudged', windows),
    judged: (rollout) => call('judged', rollout),
    keepPast: (parts) => call('keepPast', parts),
    past: (service) => call('past', service),
    close: thread.close,
  };
}

interface StoreThread {
  call<N extends keyof StoreSession>(
    name: N,
    ...args: Parameters<StoreSession[N]>
  ): Promise<ReturnType<StoreSession[N]>>;
  /** Carries out what was asked before, then ends. */
  close(): Promise<void>;
}

async function startThread(data: ThreadData): Promise<StoreThread> {
  // Source runs as TypeScript, the published package as JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./storeThread.${extension}`, import.meta.url), {
    workerData: data,
    name: 'store',
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = OPENING;
  let closing: Promise<void> | null = null;
  let ended: StoreError | null = null;

  const exited = new Promise<void>((settle) => {
    worker.once('exit', () => {
      end('its thread ended');
      settle();
    });
  });
  worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)));
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('failure' in answer) asked?.reject(errorOf(answer.failure));
    else asked?.resolve(answer.value);
  });

  /** Nothing will be answered any more: whoever waits is told so, and whoever asks later. */
  function end(reason: string): void {
    ended ??= new StoreError(
      'unavailable',
      `the store in ${data.directory} has stopped: ${reason}. What was not acknowledged may or may not be in it. Start the server again.`,
    );
    for (const asked of waiting.values()) asked.reject(ended);
    waiting.clear();
  }

  function answerTo(id: number): Promise<unknown> {
    const asked = Promise.withResolvers<unknown>();
    waiting.set(id, asked);
    return asked.promise;
  }

  try {
    await answerTo(OPENING);
  } catch (error) {
    await exited;
    throw error;
  }

  return {
    async call<N extends keyof StoreSession>(name: N, ...args: Parameters<StoreSession[N]>) {
      if (closing !== null) throw new StoreError('unavailable', `the store in ${data.directory} is closed.`);
      if (ended !== null) throw ended;
      const id = ++lastId;
      const request = { id, name, args } as Call;
      // Before it is written down as waiting: this throws when an argument is no data (a function, say).
      worker.postMessage(request, args[0] instanceof Uint8Array ? [args[0].buffer as ArrayBuffer] : []);
      return (await answerTo(id)) as ReturnType<StoreSession[N]>;
    },
    close() {
      if (closing === null) {
        closing = exited;
        worker.postMessage('close');
      }
      return closing;
    },
  };
}
