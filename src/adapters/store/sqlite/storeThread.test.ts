import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { event, numbered } from '../storeFixtures.ts';
import { freshDirectory, freshStore } from './freshStore.ts';
import { openSqliteStore } from './openSqliteStore.ts';
import { storeSession } from './storeSession.ts';
import { inTransaction } from './transaction.ts';

test('the caller’s event loop goes on turning while the disk is written', async (t) => {
  const { store } = await freshStore(t);
  const order: string[] = [];
  let turns = 0;
  let running = true;
  const turn = () => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(() => {
    order.push('first turn');
    turn();
  });
  for (let round = 0; round < 20; round++) {
    await store.append(round * 500, numbered(500));
    order.push('appended');
  }
  running = false;
  assert.equal(order[0], 'first turn');
  // Were the disk waited for here, there would be about one turn to an append.
  assert.ok(turns > 20 * 10, `${turns} turns during 20 appends of 500 events`);
});

test('what queues up while something is written shares a commit', async (t) => {
  const { store, directory } = await freshStore(t);
  const before = commitsIn(directory);
  const artifact = store.putArtifact(new Uint8Array(4 * 1024 * 1024));
  const queued = Array.from({ length: 200 }, (_, index) => store.append(index, numbered(1)));
  await artifact;
  for (const outcome of await Promise.all(queued)) assert.equal(outcome.outcome, 'appended');
  const commits = commitsIn(directory) - before;
  assert.ok(commits >= 2 && commits <= 20, `${commits} commits for an artifact and 200 appends`);
});

test('law 20: the fence holds without the lock, against somebody who appends to the same file', async (t) => {
  const { store, directory } = await freshStore(t);
  await store.append(0, numbered(2));
  const file = join(directory, 'ringfence.db');
  const other = new DatabaseSync(file);
  inTransaction(other, () => storeSession(other, file).append(2, numbered(3)));
  other.close();
  assert.deepEqual(await store.append(2, numbered(1)), { outcome: 'conflict', head: 5 });
  assert.equal((await store.append(5, numbered(1))).outcome, 'appended');
  assert.equal((await store.verify()).outcome, 'intact');
});

test('another program that keeps the file locked delays nobody’s thread, and is said to be in the way', async (t) => {
  const { store, directory } = await freshStore(t, { busyTimeoutMs: 50 });
  const other = new DatabaseSync(join(directory, 'ringfence.db'));
  other.exec('BEGIN IMMEDIATE');
  const refused = await Promise.allSettled([0, 1, 2].map((expected) => store.append(expected, numbered(1))));
  for (const outcome of refused) {
    assert.equal(outcome.status, 'rejected');
    assert.equal(outcome.reason.fault, 'unavailable');
    assert.match(outcome.reason.message, /ringfence\.db: another program is writing to it/);
  }
  other.exec('ROLLBACK');
  other.close();
  assert.equal((await store.append(0, numbered(1))).outcome, 'appended');
});

test('when the thread dies, everybody who waits is told, and a new one can take over', async (t) => {
  const directory = freshDirectory(t);
  const worker = Promise.withResolvers<Worker>();
  process.once('worker', worker.resolve);
  const store = await openSqliteStore(directory);
  await store.append(0, numbered(1));
  const waiting = Promise.allSettled([
    store.putArtifact(new Uint8Array(16 * 1024 * 1024)),
    store.append(1, numbered(1)),
    store.read(0),
    store.verify(),
    store.addWindows([]),
  ]);
  await (await worker.promise).terminate();
  for (const outcome of await waiting) {
    assert.equal(outcome.status, 'rejected');
    assert.equal(outcome.reason.fault, 'unavailable');
    assert.match(outcome.reason.message, new RegExp(`the store in ${directory} has stopped`));
  }
  await assert.rejects(store.head(), { name: 'StoreError', fault: 'unavailable' });
  await store.close();

  const next = await openSqliteStore(directory);
  assert.equal((await next.verify()).outcome, 'intact');
  await next.close();
});

test('an argument that is no data is refused and stops nothing', async (t) => {
  const { store } = await freshStore(t);
  await assert.rejects(store.append(0, [event('Callback', { callback: () => {} })]), { name: 'DataCloneError' });
  assert.equal((await store.append(0, numbered(1))).outcome, 'appended');
});

test('works as plain JavaScript too, as the published package has it', (t) => {
  const built = freshDirectory(t);
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const compilerOptions = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions;
  const project = {
    compilerOptions: {
      ...compilerOptions,
      noEmit: false,
      outDir: built,
      rootDir: join(root, 'src'),
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [source('openSqliteStore.ts'), source('storeThread.ts')],
  };
  writeFileSync(join(built, 'tsconfig.json'), JSON.stringify(project));
  writeFileSync(join(built, 'package.json'), '{"type": "module"}');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', built], { encoding: 'utf8' });
  writeFileSync(
    join(built, 'main.js'),
    `import { openSqliteStore } from './adapters/store/sqlite/openSqliteStore.js';
    const store = await openSqliteStore(process.argv[2]);
    await store.append(0, [{ stream: 'line', type: 'LineLifted', at: 1, actor: 'engine', data: {} }]);
    console.log(JSON.stringify(await store.verify()));
    await store.close();`,
  );
  const said = execFileSync(process.execPath, [join(built, 'main.js'), join(built, 'data')], { encoding: 'utf8' });
  assert.deepEqual({ ...JSON.parse(said), hash: '' }, { outcome: 'intact', head: 1, hash: '' });
});

/**
 * Commits in the write-ahead log: in the format of SQLite, a header of 32 bytes, then frames of 24 bytes and a page each;
 * a frame that ends a transaction says how many pages the database then has, others say 0.
 */
function commitsIn(directory: string): number {
  const log = readFileSync(join(directory, 'ringfence.db-wal'));
  if (log.length === 0) return 0;
  const pageSize = log.readUInt32BE(8);
  let commits = 0;
  for (let frame = 32; frame + 24 + pageSize <= log.length; frame += 24 + pageSize) {
    if (log.readUInt32BE(frame + 4) !== 0) commits++;
  }
  return commits;
}
