import type { Migration } from '../migrate.ts';

/** What the judge has seen of each rollout, and what it knows of each service's past. */
export const migration0002: Migration = {
  version: 2,
  sql: `
    CREATE TABLE judged_window (
      id INTEGER PRIMARY KEY,
      rollout TEXT NOT NULL,
      at INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX judged_window_by_rollout ON judged_window (rollout, id);

    CREATE TABLE fleet_past (
      service TEXT NOT NULL,
      part TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (service, part)
    ) STRICT, WITHOUT ROWID;
  `,
};
