import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Digest } from '../../../core/kernel/digest.ts';
import { type Store, StoreError } from '../../../engine/ports/store.ts';
import type { StoredEvent } from '../../../wire/storedEvent.ts';
import { event, numbered, seededChance } from '../storeFixtures.ts';
import { freshDirectory } from './freshStore.ts';
import { openSqliteStore } from './openSqliteStore.ts';

// This file is two programs: the tests, and (with OPENER as its first argument) a process that may be another user's.
const OPENER = 'open-and-say';

const EVENTS = 400;
const ARTIFACTS = [5, 3000, 90_000].map((size) => Buffer.alloc(size, `artifact of ${size} `));

if (process.argv[2] === OPENER) {
  await openSqliteStore(process.argv[3] ?? '').then(
    (store) => store.close().then(() => process.stdout.write('{"fault": "none"}')),
    ({ fault, message }) => process.stdout.write(JSON.stringify({ fault, message })),
  );
} else {
  /** A whole database, as a server that was closed leaves it; each test damages a copy. */
  let whole: Buffer;
  let wholeLog: readonly StoredEvent[];
  let digests: readonly Digest[];

  before(async (t) => {
    const directory = freshDirectory(t as TestContext);
    const store = await openSqliteStore(directory);
    await store.append(
      0,
      numbered(EVENTS).map(({ data }) => event('Numbered', { ...data, pad: 'x'.repeat(100) })),
    );
    digests = await Promise.all(ARTIFACTS.map((bytes) => store.putArtifact(bytes)));
    wholeLog = await store.read(0);
    await store.close();
    whole = readFileSync(join(directory, 'ringfence.db'));
  });

  const refusedAtOpen: readonly {
    what: string;
    how: (file: string) => void;
    fault: StoreError['fault'];
    says: RegExp;
  }[] = [
    {
      what: 'whose header is garbage',
      how: (file) => writeFileSync(file, Buffer.concat([Buffer.alloc(100, 'garbage '), whole.subarray(100)])),
      fault: 'corrupt',
      says: /damaged or not a database .*restore them from a backup/,
    },
    {
      what: 'that is a text',
      how: (file) => writeFileSync(file, 'Dear database,\n'.repeat(1000)),
      fault: 'corrupt',
      says: /damaged or not a database .*restore them from a backup/,
    },
    {
      what: 'that lost its second half',
      how: (file) => truncateSync(file, Math.floor(whole.length / 2 / 4096) * 4096),
      fault: 'corrupt',
      says: /damaged or not a database .*restore them from a backup/,
    },
    {
      what: 'of which less than a header is left',
      how: (file) => truncateSync(file, 50),
      fault: 'corrupt',
      says: /has 50 bytes, too few for a database\. Restore it from a backup/,
    },
    {
      what: 'of zero bytes, which is not a new one',
      how: (file) => truncateSync(file, 0),
      fault: 'corrupt',
      says: /has 0 bytes, too few for a database\. Restore it from a backup/,
    },
    {
      what: 'that is missing while its write-ahead log is there',
      how: (file) => {
        rmSync(file);
        writeFileSync(`${file}-wal`, 'acknowledged events');
      },
      fault: 'corrupt',
      says: /is missing, but its write-ahead log .*ringfence\.db-wal is there\. Restore both/,
    },
    {
      what: 'of another program',
      how: (file) => {
        rmSync(file);
        const other = new DatabaseSync(file);
        other.exec('CREATE TABLE event (position INTEGER)');
        other.close();
      },
      fault: 'corrupt',
      says: /is not a Ringfence database: its application_id is 0, expected \d+/,
    },
    {
      what: 'that is a directory',
      how: (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      fault: 'unavailable',
      says: /is a directory, expected a database file\. Move it away/,
    },
  ];
  for (const { what, how, fault, says } of refusedAtOpen) {
    test(`a database ${what}: refused at open, not touched, and the right one opens afterwards`, async (t) => {
      const { directory, file } = damagedCopy(t);
      how(file);
      const found = statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : null;
      const refusal = await openSqliteStore(directory).then(
        (store) => store.close(),
        (error: unknown) => error,
      );
      assert.ok(refusal instanceof StoreError);
      assert.equal(refusal.fault, fault, refusal.message);
      assert.ok(refusal.message.startsWith(file), `${refusal.message} names the file first`);
      assert.match(refusal.message, says);
      if (found !== null) assert.deepEqual(readFileSync(file), found);

      for (const each of [file, `${file}-wal`, `${file}-shm`]) rmSync(each, { recursive: true, force: true });
      writeFileSync(file, whole);
      const store = await openSqliteStore(directory);
      assert.equal((await store.verify()).outcome, 'intact');
      await store.close();
    });
  }

  test('a damaged page, whichever: what can still be read is right, the rest is refused, the process goes on', async (t) => {
    let noticed = 0;
    const pages = whole.length / 4096;
    for (let page = 0; page < pages; page++) {
      const { directory, file } = damagedCopy(t);
      const bytes = Buffer.from(whole);
      // Page 1 begins with the file's header, which has its own tests.
      const from = page * 4096 + (page === 0 ? 100 : 0);
      for (let at = from; at < (page + 1) * 4096; at++) bytes[at] = ~(bytes[at] ?? 0);
      writeFileSync(file, bytes);
      if (await useAll(directory, `page ${page + 1} of ${pages}`)) noticed++;
    }
    // A page nobody needs (free, or of the empty tables) may be damaged without a sign.
    assert.ok(noticed > pages * 0.8, `${noticed} of ${pages} damaged pages noticed`);
  });

  test('a file that ends within a page: what can still be read is right, the rest is refused', async (t) => {
    for (const lost of [1000, 3 * 4096 + 1]) {
      const { directory, file } = damagedCopy(t);
      truncateSync(file, whole.length - lost);
      assert.ok(await useAll(directory, `${lost} bytes lost`), `${lost} lost bytes are noticed`);
    }
  });

  test('a flipped bit, wherever: what can still be read is right, the rest is refused, the process goes on', async (t) => {
    const chance = seededChance(42);
    for (let round = 0; round < 60; round++) {
      const { directory, file } = damagedCopy(t);
      const bytes = Buffer.from(whole);
      // Every third in the first two pages: header and schema.
      const at = chance(round % 3 === 0 ? 8192 : whole.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << chance(8));
      writeFileSync(file, bytes);
      await useAll(directory, `round ${round}, byte ${at}`);
    }
  });

  test('a directory that is a file, or below one', async (t) => {
    const directory = freshDirectory(t);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (const wrong of [file, join(file, 'data')]) {
      await assert.rejects(openSqliteStore(wrong), {
        name: 'StoreError',
        fault: 'unavailable',
        message: new RegExp(wrong),
      });
    }
  });

  test('a database that this user may not read, or only read, or in a directory that may not be written', (t) => {
    // Root may do anything, so the store is then opened by somebody else.
    const uid = process.getuid?.() || 65_534;
    const as = process.getuid?.() === 0 ? { uid, gid: uid } : {};
    const cases: readonly { what: string; how: (directory: string, file: string) => void }[] = [
      { what: 'unreadable', how: (_, file) => chmodSync(file, 0o000) },
      {
        what: 'read-only',
        how: (directory, file) => {
          chmodSync(file, 0o444);
          chownSync(directory, uid, uid);
        },
      },
      {
        what: 'in a read-only directory',
        how: (directory, file) => {
          chmodSync(file, 0o666);
          chmodSync(directory, 0o555);
        },
      },
    ];
    for (const { what, how } of cases) {
      const { directory, file } = damagedCopy(t);
      chmodSync(directory, 0o777);
      how(directory, file);
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [fileURLToPath(import.meta.url), OPENER, directory],
        { ...as, encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
      );
      chmodSync(directory, 0o700);
      assert.equal(stderr, '', what);
      assert.equal(status, 0, what);
      const said = JSON.parse(stdout);
      assert.equal(said.fault, 'unavailable', `${what}: ${said.message}`);
      assert.match(
        said.message,
        new RegExp(`${directory}/.*Check that .* this user \\(uid ${uid}\\) may read and write`),
        what,
      );
    }
  });

  function damagedCopy(t: TestContext): { directory: string; file: string } {
    const directory = freshDirectory(t);
    const file = join(directory, 'ringfence.db');
    writeFileSync(file, whole);
    return { directory, file };
  }

  /**
   * Does everything that a server does with its store. Each call gives what is right, or rejects with a `StoreError` that
   * says what to do. Whether the damage was noticed.
   */
  async function useAll(directory: string, when: string): Promise<boolean> {
    let noticed = false;
    async function rightOrRefused<T>(call: Promise<T>, isRight: (value: T) => void): Promise<T | null> {
      try {
        const value = await call;
        isRight(value);
        return value;
      } catch (error) {
        if (!(error instanceof StoreError)) throw new Error(when, { cause: error });
        assert.match(error.fault, /^(corrupt|unavailable|newer)$/, `${when}: ${error.message}`);
        assert.match(error.message, /ringfence\.db.*([Rr]estore|Move it away)/, when);
        noticed = true;
        return null;
      }
    }
    const store: Store | null = await rightOrRefused(openSqliteStore(directory), () => {});
    if (store === null) return true;
    await rightOrRefused(store.read(0), (events) => assert.deepEqual(events, wholeLog));
    await rightOrRefused(store.verify(), (outcome) => {
      if (outcome.outcome === 'broken') noticed = true;
      else assert.deepEqual(outcome, { outcome: 'intact', head: EVENTS, hash: wholeLog.at(-1)?.hash });
    });
    for (const [index, digest] of digests.entries()) {
      await rightOrRefused(store.getArtifact(digest), (bytes) => {
        if (bytes === null) noticed = true;
        else assert.deepEqual(Buffer.from(bytes), ARTIFACTS[index]);
      });
    }
    await rightOrRefused(store.append(EVENTS, numbered(1)), (outcome) => {
      if (outcome.outcome === 'conflict') noticed = true;
    });
    await rightOrRefused(store.setCursor('effects', 1), () => {});
    await store.close();
    return noticed;
  }
}
