import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { numbered } from '../storeFixtures.ts';
import { freshDirectory, freshStore } from './freshStore.ts';
import { openSqliteStore } from './openSqliteStore.ts';

// This file is two programs: the tests, and (with HOLDER as its first argument) the other process.
const HOLDER = 'hold-until-ended';

if (process.argv[2] === HOLDER) {
  const store = await openSqliteStore(process.argv[3] ?? '');
  await store.append(0, numbered(1));
  process.stdout.write('holding\n');
  process.stdin.once('data', () => void store.close().then(() => process.exit(0)));
} else {
  test('a second process is told who holds the store, and may have it when the holder has closed it', async (t) => {
    const directory = freshDirectory(t);
    const holder = await startHolder(t, directory);
    await assert.rejects(openSqliteStore(directory), {
      name: 'StoreError',
      fault: 'locked',
      message: `${join(directory, 'ringfence.db')} is in use by process ${holder.pid}. End it first (kill ${holder.pid}), or choose another directory: two control planes never share one.`,
    });
    holder.stdin?.end('close\n');
    await once(holder, 'exit');
    assert.equal(existsSync(join(directory, 'ringfence.pid')), false);

    const store = await openSqliteStore(directory);
    assert.equal(await store.head(), 1);
    await store.close();
  });

  test('the lock of a killed process holds nobody up, although its file is still there', async (t) => {
    const directory = freshDirectory(t);
    const holder = await startHolder(t, directory);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    assert.equal(readFileSync(join(directory, 'ringfence.pid'), 'utf8'), `${holder.pid}\n`);

    const store = await openSqliteStore(directory);
    assert.equal(await store.head(), 1);
    await store.close();
  });

  const unknownHolders = [
    { what: 'names a process that has ended', says: '2147483646\n' },
    { what: 'holds something else', says: 'x\n' },
    { what: 'is empty', says: '' },
  ];
  for (const { what, says } of unknownHolders) {
    test(`the lock counts, not the file beside it: it ${what}`, async (t) => {
      const { directory } = await freshStore(t);
      writeFileSync(join(directory, 'ringfence.pid'), says);
      await assert.rejects(openSqliteStore(directory), {
        fault: 'locked',
        message: /in use by another process\. End it first, /,
      });
    });
  }

  test('one process cannot open a store twice either', async (t) => {
    const { store, directory } = await freshStore(t);
    await assert.rejects(openSqliteStore(directory), {
      fault: 'locked',
      message: new RegExp(`this process \\(${process.pid}\\)`),
    });
    assert.equal((await store.append(0, numbered(1))).outcome, 'appended', 'the first is none the worse');
    await assert.rejects(openSqliteStore(directory), { fault: 'locked' });
  });

  test('a lock file with something in it is said to be the trouble', async (t) => {
    const directory = freshDirectory(t);
    const lockFile = join(directory, 'ringfence.lock');
    writeFileSync(lockFile, 'not a lock '.repeat(1000));
    await assert.rejects(openSqliteStore(directory), {
      fault: 'corrupt',
      message: `${lockFile} is not the empty file it should be. Delete it: it holds no data.`,
    });
  });
}

async function startHolder(t: TestContext, directory: string): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [fileURLToPath(import.meta.url), HOLDER, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  t.after(() => holder.kill('SIGKILL'));
  assert.ok(holder.stdout);
  const [said] = await once(holder.stdout, 'data');
  assert.equal(String(said), 'holding\n');
  return holder;
}
