import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Store } from '../../../engine/ports/store.ts';
import { event } from '../storeFixtures.ts';
import { freshDirectory } from './freshStore.ts';
import { openSqliteStore } from './openSqliteStore.ts';

const MIB = 1024 * 1024;

test('a full disk: nothing is changed, reads go on, and the next append after space was freed succeeds', async (t) => {
  const disk = smallDisk(t, 4 * MIB);
  if (disk === null) return;
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(MIB, 1));
  const directory = join(disk, 'data');
  let store = await openSqliteStore(directory);

  const head = await appendUntilFull(store);
  assert.ok(head > 0, 'some appends went well before');
  assert.equal(await store.head(), head);
  const wholeLog = await store.read(0);
  assert.equal(wholeLog.length, head, 'nothing of the failed batch is there');
  for (const refused of [
    store.append(head, largeBatch(head)),
    store.putArtifact(Buffer.alloc(MIB, 2)),
    store.append(head, largeBatch(head)),
  ]) {
    await assert.rejects(refused, {
      name: 'StoreError',
      fault: 'disk-full',
      message: /ringfence\.db: no room left .*Free space/,
    });
  }
  assert.equal((await store.verify()).outcome, 'intact');
  await assert.rejects(openSqliteStore(join(disk, 'second')), { fault: 'disk-full' });

  rmSync(filler);
  assert.equal((await store.append(head, largeBatch(head))).outcome, 'appended');
  assert.deepEqual((await store.read(0)).slice(0, head), wholeLog);
  assert.equal((await store.verify()).outcome, 'intact');
  await store.close();

  store = await openSqliteStore(directory);
  assert.equal(await store.head(), head + largeBatch(0).length);
  assert.equal((await store.verify()).outcome, 'intact');
  await store.close();
});

test('a full disk while many appends wait: each is either wholly there or told why not', async (t) => {
  const disk = smallDisk(t, 4 * MIB);
  if (disk === null) return;
  const store = await openSqliteStore(disk);
  const size = largeBatch(0).length;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => store.append(index * size, largeBatch(index * size))),
  );
  const told = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value.outcome : outcome.reason.fault,
  );
  const appended = told.filter((each) => each === 'appended').length;
  assert.deepEqual(told.slice(0, appended + 1), [...Array(appended).fill('appended'), 'disk-full']);
  // Those behind the one that found no room expected it to be there.
  assert.deepEqual(new Set(told.slice(appended + 1)), new Set(['conflict']));
  assert.equal(await store.head(), appended * size);
  assert.equal((await store.verify()).outcome, 'intact');
  await store.close();
});

test('a store on a disk that is full already: refused at open, and as it was once space was freed', async (t) => {
  const disk = smallDisk(t, 4 * MIB);
  if (disk === null) return;
  let store = await openSqliteStore(disk);
  await store.append(0, largeBatch(0));
  const log = await store.read(0);
  await store.close();
  const filler = join(disk, 'filler');
  assert.throws(() => writeFileSync(filler, Buffer.alloc(8 * MIB, 1)), { code: 'ENOSPC' });

  await assert.rejects(openSqliteStore(disk), {
    fault: 'disk-full',
    message: /ringfence\.db: no room left .*Free space/,
  });
  rmSync(filler);
  store = await openSqliteStore(disk);
  assert.deepEqual(await store.read(0), log);
  await store.close();
});

test('the same with a limit of our own (maxBytes), on any machine', async (t) => {
  const directory = freshDirectory(t);
  let store = await openSqliteStore(directory, { maxBytes: MIB });
  const head = await appendUntilFull(store);
  assert.equal(await store.head(), head);
  assert.equal((await store.read(0)).length, head);
  await assert.rejects(store.putArtifact(Buffer.alloc(MIB, 2)), { fault: 'disk-full' });
  await assert.rejects(store.append(head, largeBatch(head)), { fault: 'disk-full' });
  assert.equal((await store.verify()).outcome, 'intact');
  await store.close();

  store = await openSqliteStore(directory, { maxBytes: 2 * MIB });
  assert.equal((await store.append(head, largeBatch(head))).outcome, 'appended');
  assert.equal((await store.verify()).outcome, 'intact');
  await store.close();
});

/** About 200 kB in 10 events. */
function largeBatch(from: number) {
  return Array.from({ length: 10 }, (_, index) => event('Large', { n: from + index, pad: 'x'.repeat(20_000) }));
}

/** Appends batches until one is refused; it must be refused for want of room. Where the log ends then. */
async function appendUntilFull(store: Store): Promise<number> {
  for (let head = 0; ; head += 10) {
    try {
      assert.equal((await store.append(head, largeBatch(head))).outcome, 'appended');
    } catch (error) {
      assert.equal((error as { fault?: unknown }).fault, 'disk-full', String(error));
      return head;
    }
  }
}

/** A file system of its own of so many bytes; `null`, and the test skipped, where none can be mounted. */
function smallDisk(t: TestContext, bytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    t.skip(
      'needs a small file system of its own, and only root can mount one: run the tests as root on Linux (in a container, with CAP_SYS_ADMIN)',
    );
    return null;
  }
  let mounted = false;
  const disk = freshDirectory(t, (directory) => mounted && execFileSync('umount', ['--lazy', directory]));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'ringfence-test', disk], { stdio: 'pipe' });
    mounted = true;
  } catch (error) {
    t.skip(`needs a small file system of its own, and mounting one failed (run with CAP_SYS_ADMIN): ${error}`);
    return null;
  }
  assert.ok(statfsSync(disk).blocks * statfsSync(disk).bsize <= bytes, 'it is as small as that');
  return disk;
}
