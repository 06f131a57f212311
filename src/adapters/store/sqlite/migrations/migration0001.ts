import type { Migration } from '../migrate.ts';

/** The log, the artifacts beside it, how far effects have got, and what was measured. */
export const migration0001: Migration = {
  version: 1,
  sql: `
    -- body is the canonical JSON that hash covers; see hashChain.ts.
    CREATE TABLE event (
      position INTEGER PRIMARY KEY CHECK (position > 0),
      body TEXT NOT NULL,
      hash TEXT NOT NULL CHECK (length(hash) = 64)
    ) STRICT;

    -- Against accidents. Against people there is the hash chain.
    CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never changed'); END;
    CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never removed'); END;

    -- The position and hash of the last event, once more: so that a log that lost its end is noticed.
    CREATE TABLE log_end (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      position INTEGER NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;
    INSERT INTO log_end VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

    CREATE TABLE artifact (
      digest TEXT PRIMARY KEY,
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE cursor (
      name TEXT PRIMARY KEY,
      position INTEGER NOT NULL CHECK (position >= 0)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE measured_window (
      id INTEGER PRIMARY KEY,
      rollout TEXT NOT NULL,
      stage TEXT NOT NULL,
      role TEXT NOT NULL,
      arm TEXT NOT NULL CHECK (arm IN ('treated', 'untouched')),
      metric TEXT NOT NULL,
      at INTEGER NOT NULL,
      count REAL NOT NULL
    ) STRICT;
    CREATE INDEX measured_window_by_rollout ON measured_window (rollout, at);
  `,
};
