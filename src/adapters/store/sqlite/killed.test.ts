import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { Store } from '../../../engine/ports/store.ts';
import type { StoredEvent } from '../../../wire/storedEvent.ts';
import { event, seededChance } from '../storeFixtures.ts';
import { freshDirectory } from './freshStore.ts';
import { openSqliteStore } from './openSqliteStore.ts';

// This file is two programs: the tests, and (with WRITER as its first argument) the process that they kill.
const WRITER = 'write-until-killed';
const KILLS = 25;

if (process.argv[2] === WRITER) {
  await writeUntilKilled(process.argv[3] ?? '');
} else {
  test(`nothing acknowledged is lost and no batch is halved by ${KILLS} SIGKILLs`, async (t) => {
    const directory = freshDirectory(t);
    const chance = seededChance(20_260_101);
    const acknowledged: Acknowledgement[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      const said = await writeAndKill(directory, 1 + chance(40), chance(200));
      acknowledged.push(...said);

      const store = await openSqliteStore(directory);
      const events = await wholeLog(store);
      assertWholeBatches(events, `kill ${kill}`);
      assert.equal((await store.verify()).outcome, 'intact', `kill ${kill}`);
      for (const { position, hash, artifact } of acknowledged) {
        assert.equal(events[position - 1]?.hash, hash, `kill ${kill}: event ${position} was acknowledged`);
        if (artifact !== null)
          assert.ok(await store.getArtifact(artifact), `kill ${kill}: ${artifact} was acknowledged`);
      }
      assert.ok((await store.cursor('effects')) >= (said.at(-1)?.cursor ?? 0), `kill ${kill}: the cursor`);
      await store.close();
    }
  });

  test('a write-ahead log torn at any place, or with a byte that changed, gives whole batches and an intact chain', async (t) => {
    const directory = freshDirectory(t);
    const chance = seededChance(7);
    await writeAndKill(directory, 40, 0);
    const log = readFileSync(join(directory, 'ringfence.db-wal'));
    const heads = new Set<number>();
    for (let round = 0; round < 30; round++) {
      const torn = join(directory, `torn-${round}`);
      mkdirSync(torn);
      copyFileSync(join(directory, 'ringfence.db'), join(torn, 'ringfence.db'));
      const at = chance(log.length);
      const damaged = Buffer.from(log);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      writeFileSync(join(torn, 'ringfence.db-wal'), round % 2 === 0 ? log.subarray(0, at) : damaged);

      const store = await openSqliteStore(torn);
      assertWholeBatches(await wholeLog(store), `log of ${log.length} bytes, round ${round} at ${at}`);
      const outcome = await store.verify();
      assert.equal(outcome.outcome, 'intact');
      heads.add(outcome.outcome === 'intact' ? outcome.head : -1);
      await store.close();
    }
    assert.ok(heads.size > 5, `the places were spread: the log ended in ${heads.size} ways`);
  });
}

interface Acknowledgement {
  readonly position: number;
  readonly hash: string;
  readonly artifact: Digest | null;
  readonly cursor: number;
}

/** Starts a writer, and kills it some turns of the event loop after it acknowledged so many batches. All that it said. */
async function writeAndKill(directory: string, batches: number, turns: number): Promise<readonly Acknowledgement[]> {
  const writer = spawn(process.execPath, [fileURLToPath(import.meta.url), WRITER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const said: Acknowledgement[] = [];
  for await (const line of createInterface({ input: outputOf(writer) })) {
    said.push(JSON.parse(line));
    if (said.length === batches) {
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      writer.kill('SIGKILL');
    }
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  assert.equal(writer.signalCode, 'SIGKILL', 'the writer ended by the kill and nothing else');
  return said;
}

function outputOf(child: ChildProcess): NodeJS.ReadableStream {
  assert.ok(child.stdout);
  return child.stdout;
}

/** Appends batches of 1 to 7 events, several at a time, with artifacts, windows and a cursor; says what was acknowledged. */
async function writeUntilKilled(directory: string): Promise<never> {
  const store = await openSqliteStore(directory);
  let next = await store.head();
  let cursor = await store.cursor('effects');

  async function writeOn(): Promise<never> {
    for (;;) {
      const expected = next;
      const of = 1 + (expected % 7);
      next += of;
      const batch = Array.from({ length: of }, () =>
        event('Batched', { batch: expected, of, pad: 'x'.repeat(expected % 900) }),
      );
      const putting = expected % 3 === 0 ? store.putArtifact(Buffer.from(`artifact of batch ${expected}`)) : null;
      const outcome = await store.append(expected, batch);
      assert.equal(outcome.outcome, 'appended');
      const last = outcome.outcome === 'appended' ? outcome.events.at(-1) : undefined;
      const artifact = await putting;
      await store.addWindows([
        {
          rollout: 'shop-1',
          stage: 'canary',
          role: 'api',
          arm: 'treated',
          metric: 'requests',
          at: expected,
          count: of,
        },
      ]);
      await store.setCursor('effects', Math.max(cursor, expected));
      cursor = Math.max(cursor, expected);
      const acknowledgement: Acknowledgement = {
        position: last?.position ?? 0,
        hash: last?.hash ?? '',
        artifact,
        cursor,
      };
      writeSync(1, `${JSON.stringify(acknowledgement)}\n`);
    }
  }
  return Promise.race([writeOn(), writeOn(), writeOn()]);
}

async function wholeLog(store: Store): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.read(events.length);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

function assertWholeBatches(events: readonly StoredEvent[], when: string): void {
  const counts = new Map<unknown, number>();
  for (const { data } of events) counts.set(data.batch, (counts.get(data.batch) ?? 0) + 1);
  for (const { data } of events) assert.equal(counts.get(data.batch), data.of, `${when}: batch ${data.batch} is whole`);
}
