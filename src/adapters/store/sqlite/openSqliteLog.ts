import type { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../../engine/ports/store.ts';
import { EMPTY_LOG } from '../hashChain.ts';
import { openForReading } from './openDatabase.ts';
import { storeFault } from './storeFault.ts';
import { type StoreSession, storeSession } from './storeSession.ts';

/** The log of a database, for looking at. */
export interface SqliteLog extends Pick<Store, 'read' | 'verify' | 'close'> {}

/**
 * Opens the log in a database file, whether a server runs on it, it is a copy, or its server is gone. Nothing is made, taken
 * up or changed. Throws a `StoreError`. Blocks while it reads: for a command, not for a server.
 */
export function openSqliteLog(file: string): SqliteLog {
  let database: DatabaseSync;
  let session: StoreSession;
  try {
    database = openForReading(file);
    session = storeSession(database, file);
  } catch (error) {
    throw storeFault(error, file);
  }
  const reading = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw storeFault(error, file);
    }
  };
  return {
    read: (after, limit = 1000) => reading(() => session.read(after, limit)),
    verify: () =>
      reading(() => {
        for (let end = EMPTY_LOG; ; ) {
          const page = session.verifyPage(end);
          if (page.outcome !== 'more') return page;
          end = page.end;
        }
      }),
    close: async () => database.close(),
  };
}
