import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storeContract } from '../storeContract.ts';
import { openSqliteStore } from './openSqliteStore.ts';

storeContract('SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-store-'));

  /** With the guards against accidents taken away, as somebody would who means it. */
  function tamper(sql: string, ...values: readonly (string | number | Uint8Array)[]): void {
    const database = new DatabaseSync(join(directory, 'ringfence.db'));
    database.exec('DROP TRIGGER IF EXISTS event_is_never_changed; DROP TRIGGER IF EXISTS event_is_never_removed');
    database.prepare(sql).run(...values);
    database.close();
  }

  return {
    open: () => openSqliteStore(directory),
    tamper: {
      replaceEventBody: (position, body) => tamper('UPDATE event SET body = ? WHERE position = ?', body, position),
      replaceEventHash: (position, hash) => tamper('UPDATE event SET hash = ? WHERE position = ?', hash, position),
      addEvent: (position, body, hash) =>
        tamper('INSERT INTO event (position, body, hash) VALUES (?, ?, ?)', position, body, hash),
      removeEvent: (position) => tamper('DELETE FROM event WHERE position = ?', position),
      replaceArtifact: (digest, bytes) => tamper('UPDATE artifact SET bytes = ? WHERE digest = ?', bytes, digest),
    },
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
});
