import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { forgeLog } from '../../adapters/store/sqlite/testing/forgeLog.ts';
import type { UnstoredEvent } from '../../wire/storedEvent.ts';
import { startTestServer, type TestServer } from './testing/fleet.ts';

/* Checkpoints through the real command, with a real server that is killed and whose record is then forged. In order: the story goes on. */

let server: TestServer;
const data = () => join(server.folder, 'data');
const token = (name: string) => server.run(['token', 'create', '--role', 'viewer', '--name', name]);

before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

test('before anything is signed there is no checkpoint, and verification says so', async () => {
  const none = await server.run(['log', 'checkpoint']);
  assert.equal(none.code, 3);
  assert.match(none.stderr, /no part of the record is signed/);
  const verified = await server.run(['log', 'verify']);
  assert.equal(verified.code, 0);
  assert.match(verified.stdout, /^intact +\d+ events, every hash recomputed/);
  assert.match(verified.stdout, /^signed +nothing: there is no checkpoint yet$/m);
});

test('a checkpoint is printed, kept in a file, and the record is compared with it', async () => {
  const printed = await server.run(['log', 'checkpoint', '--now']);
  assert.equal(printed.code, 0, printed.stderr);
  const { document, key } = JSON.parse(printed.stdout) as { document: { position: number }; key: string };
  assert.match(printed.stderr, new RegExp(`everything up to event ${document.position}$`, 'm'));
  writeFileSync(join(server.folder, 'cp.json'), printed.stdout);
  await token('one');
  const { code, stdout } = await server.run(['log', 'verify', '--checkpoint', 'cp.json']);
  assert.equal(code, 0, stdout);
  const at = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
  assert.match(
    stdout,
    new RegExp(`^signed +up to event ${document.position}, at ${at}, with key ${key}; 1 checkpoint, right$`, 'm'),
  );
  assert.match(stdout, /^unsigned +1 event since/m);
  assert.match(
    stdout,
    new RegExp(
      `^given +the record has what cp\\.json says of event ${document.position}, signed at ${at} with key ${key}$`,
      'm',
    ),
  );
});

test('a checkpoint that was changed shows nothing, and a file that is none is refused', async () => {
  const text = readFileSync(join(server.folder, 'cp.json'), 'utf8');
  writeFileSync(join(server.folder, 'changed.json'), text.replace(/"position": \d+/, '"position": 1'));
  const changed = await server.run(['log', 'verify', '--checkpoint', 'changed.json']);
  assert.equal(changed.code, 2);
  assert.match(changed.stderr, /changed\.json is not what key [0-9a-f]{16} has signed/);
  for (const none of ['{}', 'null', 'not json']) {
    writeFileSync(join(server.folder, 'none.json'), none);
    assert.match((await server.run(['log', 'verify', '--checkpoint', 'none.json'])).stderr, /is no checkpoint/);
  }
  assert.equal((await server.run(['log', 'verify', '--checkpoint', 'missing.json'])).code, 2);
});

test('the record is read without the server: beside it, after it was killed, and in a copy', async () => {
  const beside = await server.run(['log', 'verify', '--data', 'data', '--checkpoint', 'cp.json']);
  assert.equal(beside.code, 0, beside.stderr);
  assert.match(beside.stdout, /^kept +the record has the checkpoint kept beside the signing keys, of event \d+$/m);
  await server.kill();
  const killed = await server.run(['log', 'verify', '--data', 'data', '--json']);
  assert.equal((JSON.parse(killed.stdout) as { signed: { held: boolean } }).signed.held, true);
  for (const suffix of ['', '-wal']) {
    copyFileSync(join(data(), `ringfence.db${suffix}`), join(server.folder, `copy.db${suffix}`));
  }
  const copy = await server.run(['log', 'verify', '--data', 'copy.db']);
  assert.equal(copy.code, 0, copy.stderr);
  assert.match(copy.stdout, /^key +[0-9a-f]{16} is not held where the record is: ask whose it is$/m);
  mkdirSync(join(server.folder, 'rest?'));
  backUp(join(data(), 'ringfence.db'), join(server.folder, 'rest?', 'ringfence.db'));
  chmodSync(join(server.folder, 'rest?'), 0o500);
  const atRest = await server.run(['log', 'verify', '--data', 'rest?', '--checkpoint', 'cp.json']);
  assert.equal(atRest.code, 0, atRest.stderr);
  assert.deepEqual(readdirSync(join(server.folder, 'rest?')), ['ringfence.db'], 'looking leaves nothing behind');
  const nothing = await server.run(['log', 'verify', '--data', 'nowhere']);
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /there is no record at .*nowhere/);
  writeFileSync(join(server.folder, 'garbage.db'), 'x'.repeat(4096));
  const garbage = await server.run(['log', 'verify', '--data', 'garbage.db']);
  assert.equal(garbage.code, 1);
  assert.match(garbage.stderr, /garbage\.db is damaged or not a database/);
});

test('law 19: a record that was forged, every hash computed anew, is found out without the server and with it', async () => {
  forgeLog(data(), (events) => events.map(rename));
  const offline = await server.run(['log', 'verify', '--data', 'data']);
  assert.equal(offline.code, 1);
  assert.match(
    offline.stdout,
    /^broken +at event 2: event 2 has the hash .* but the checkpoint kept beside the signing keys, signed at .* rewritten since$/m,
  );
  await server.restart();
  const online = await server.run(['log', 'verify']);
  assert.equal(online.code, 1);
  const refused = await server.run(['log', 'checkpoint', '--now']);
  assert.equal(refused.code, 3, 'what was forged is never signed');
  const log = await server.run(['log']);
  assert.match(log.stdout, /the line is halted: the record is not what was signed/);
  await server.kill();
});

test('law 19: the best of forgers, with the checkpoints and the copy beside the keys gone, is found out by a copy elsewhere', async () => {
  forgeLog(data(), (events) => events.filter(({ type }) => type !== 'CheckpointSigned'));
  rmSync(join(data(), 'keys', 'last-checkpoint.json'));
  assert.equal((await server.run(['log', 'verify', '--data', 'data'])).code, 0, 'nothing in it tells');
  const rewritten = await server.run(['log', 'verify', '--data', 'data', '--checkpoint', 'cp.json']);
  assert.equal(rewritten.code, 1);
  assert.match(rewritten.stdout, /the checkpoint that was given has .*: what stands up to there was rewritten since/);
  forgeLog(data(), (events) => events.slice(0, 1));
  const cut = await server.run(['log', 'verify', '--data', 'data', '--checkpoint', 'cp.json']);
  assert.equal(cut.code, 1);
  assert.match(cut.stdout, /the end was cut off, or an older copy was put in its place/);
});

function rename(event: UnstoredEvent): UnstoredEvent {
  if (event.type !== 'TokenIssued') return event;
  return { ...event, data: { token: { ...(event.data.token as object), at: 1 } } };
}

/** As `sqlite3 FILE ".backup COPY"` does: one file, without a write-ahead log. */
function backUp(file: string, copy: string): void {
  const database = new DatabaseSync(file);
  database.exec(`VACUUM INTO '${copy}'`);
  database.close();
}
