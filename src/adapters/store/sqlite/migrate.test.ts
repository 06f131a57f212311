import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { numbered } from '../storeFixtures.ts';
import { freshDirectory } from './freshStore.ts';
import { MIGRATIONS, migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts';
import { APPLICATION_ID, openDatabase } from './openDatabase.ts';
import { openSqliteLog } from './openSqliteLog.ts';
import { openSqliteStore } from './openSqliteStore.ts';

/** Of every migration there ever was. A line is added with each new one and never changed: databases were made by it. */
const FROZEN: readonly string[] = [
  '22275eefd771861296472a2d4f988cdf0990d1aa69f4baaadff547dff39a5bf4',
  '86193587103678b0970396a0e85d0136639b4643cfb1c8ee3ba21a349b873c9a',
];

test('migrations are numbered without gaps, and none was changed', () => {
  assert.deepEqual(
    MIGRATIONS.map(({ version }) => version),
    FROZEN.map((_, index) => index + 1),
  );
  assert.deepEqual(
    MIGRATIONS.map(({ sql }) => createHash('sha256').update(sql).digest('hex')),
    FROZEN,
  );
});

test('a database says whose it is, its schema’s version, and is set for durability', (t) => {
  const database = openDatabase(join(freshDirectory(t), 'ringfence.db'));
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual(
    Object.fromEntries(
      ['application_id', 'user_version', 'journal_mode', 'synchronous', 'foreign_keys', 'integrity_check'].map(
        (name) => [name, pragma(name)],
      ),
    ),
    {
      application_id: APPLICATION_ID,
      user_version: SCHEMA_VERSION,
      journal_mode: 'wal',
      synchronous: 2, // FULL
      foreign_keys: 1,
      integrity_check: 'ok',
    },
  );
  database.close();
});

test('the log in the database can only grow, whoever writes to it', (t) => {
  const database = openDatabase(join(freshDirectory(t), 'ringfence.db'));
  database.exec(`INSERT INTO event VALUES (1, '{}', '${'0'.repeat(64)}')`);
  assert.throws(() => database.exec("UPDATE event SET body = '[]'"), /append-only: an event is never changed/);
  assert.throws(() => database.exec('DELETE FROM event'), /append-only: an event is never removed/);
  database.close();
});

test('a later migration keeps what is there; one that fails leaves the version before, whole', async (t) => {
  const directory = freshDirectory(t);
  const store = await openSqliteStore(directory);
  await store.append(0, numbered(3));
  await store.close();

  const database = new DatabaseSync(join(directory, 'ringfence.db'));
  const next = { version: SCHEMA_VERSION + 1, sql: 'CREATE TABLE note (text TEXT) STRICT' };
  const failing = {
    version: SCHEMA_VERSION + 2,
    sql: 'CREATE TABLE other (text TEXT) STRICT; INSERT INTO nowhere VALUES (1)',
  };
  assert.throws(() => migrate(database, [...MIGRATIONS, next, failing]), /no such table: nowhere/);
  assert.equal(schemaVersion(database), next.version);
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('note', 'other')").all();
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['note'],
  );
  assert.equal(database.prepare('SELECT count(*) AS events FROM event').get()?.events, 3);
  migrate(database, [...MIGRATIONS, next]);
  assert.equal(schemaVersion(database), next.version, 'what was done is not done again');
  database.close();
});

test('a database of a later version is left alone, and says which version it needs', async (t) => {
  const directory = freshDirectory(t);
  await (await openSqliteStore(directory)).close();
  const database = new DatabaseSync(join(directory, 'ringfence.db'));
  database.exec('PRAGMA user_version = 1000');
  database.close();
  await assert.rejects(openSqliteStore(directory), {
    name: 'StoreError',
    fault: 'newer',
    message: new RegExp(`later version of Ringfence: its schema is 1000, this program knows up to ${SCHEMA_VERSION}`),
  });
});

test('the log of an earlier version is read as it lies, without the tables that came later', async (t) => {
  const directory = freshDirectory(t);
  const store = await openSqliteStore(directory);
  await store.append(0, numbered(2));
  await store.close();
  const file = join(directory, 'ringfence.db');
  const database = new DatabaseSync(file);
  database.exec('DROP TABLE judged_window; DROP TABLE fleet_past; PRAGMA user_version = 1');
  database.close();
  const log = openSqliteLog(file);
  assert.equal((await log.read(0)).length, 2);
  assert.equal((await log.verify()).outcome, 'intact');
  await log.close();
  const again = await openSqliteStore(directory);
  assert.deepEqual(await again.judged('shop-1'), []);
  await again.close();
});
