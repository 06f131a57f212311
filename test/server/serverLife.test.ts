import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { storeSession } from '../../src/adapters/store/sqlite/storeSession.ts';
import { until } from '../http/apiUnderTest.ts';
import { type Ready, type ServerProcess, startServerProcess, temporaryFolder } from './serverProcess.ts';

async function get(url: string, token?: string | null): Promise<Response> {
  return fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

async function endsBadly(server: ServerProcess, says: RegExp): Promise<void> {
  assert.equal(await server.ended(), 1);
  assert.match(server.stderr(), says);
  assert.doesNotMatch(server.stderr(), /\n\s+at /, 'no stack trace');
  assert.equal(server.stdout(), '');
}

async function endsWell(server: ServerProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  server.child.kill(signal);
  assert.equal(await server.ended(), 0, server.stderr());
}

test('the first start makes an admin token and shows it once; only its hash is kept', async (t) => {
  const data = join(temporaryFolder(t), 'made', 'by', 'itself');
  const first = startServerProcess(t, data, '--log-level', 'debug');
  const { http, adminToken } = await first.ready();
  assert.match(adminToken ?? '', /^rfa_[\w-]{43}$/);
  assert.equal((await get(`${http}/v1/tokens`, adminToken)).status, 200);
  assert.equal((await get(`${http}/v1/tokens?said=${'x'.repeat(10)}`, adminToken)).status, 400);
  await endsWell(first);
  assert.equal(first.stderr().includes(adminToken ?? ''), false, 'the log does not have it');
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const kept = readFileSync(join(entry.parentPath, entry.name));
    assert.equal(kept.includes(adminToken ?? ''), false, `${entry.name} does not have it`);
  }

  const second = startServerProcess(t, data);
  const again = await second.ready();
  assert.equal(again.adminToken, null);
  assert.equal((await get(`${again.http}/v1/tokens`, adminToken)).status, 200, 'it is still in force');
  await endsWell(second, 'SIGINT');

  const third = startServerProcess(t, data, '--new-admin-token');
  const renewed = await third.ready();
  assert.notEqual(renewed.adminToken, adminToken);
  assert.equal((await get(`${renewed.http}/v1/tokens`, renewed.adminToken)).status, 200);
});

test('an admin token may go to a file instead, for its owner alone', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'admin.token');
  const server = startServerProcess(t, join(folder, 'data'), '--admin-token-file', file);
  const { http, adminToken } = await server.ready();
  assert.equal(adminToken, null);
  const token = readFileSync(file, 'utf8').trim();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal((await get(`${http}/v1/tokens`, token)).status, 200);
  assert.equal(server.stdout().includes(token) || server.stderr().includes(token), false);
  assert.deepEqual(readdirSync(folder).toSorted(), ['admin.token', 'data']);
});

test('a file that is something else is not overwritten with a token, and no token is made in vain', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'notes');
  writeFileSync(file, 'important');
  await endsBadly(
    startServerProcess(t, join(folder, 'data'), '--admin-token-file', file),
    /notes .*holds something that is not a token/,
  );
  assert.equal(readFileSync(file, 'utf8'), 'important');
  await endsBadly(
    startServerProcess(t, join(folder, 'data'), '--admin-token-file', join(folder, 'no', 'where')),
    /cannot write the admin token/,
  );
  const { adminToken } = await startServerProcess(t, join(folder, 'data')).ready();
  assert.ok(adminToken !== null, 'this is still the first start');
});

test('beyond loopback nothing listens without TLS, and nobody reads without a token', async (t) => {
  const data = temporaryFolder(t);
  const refused = async (says: RegExp, ...args: string[]) => endsBadly(startServerProcess(t, data, ...args), says);
  await refused(/HTTP API on 0\.0\.0\.0:0 .*no TLS.*--tls-cert/s, '--http', '0.0.0.0:0');
  await refused(/agents' listener on \[::\]:0/, '--opamp', '[::]:0');
  await refused(
    /HTTP API on deploy\.example:0 and the agents' listener/,
    '--http',
    'deploy.example:0',
    '--opamp',
    '10.1.2.3:0',
  );
  assert.deepEqual(readdirSync(data), [], 'it did not even begin');
});

test('a port that is taken is named, and so is a Ringfence that has it', async (t) => {
  const folder = temporaryFolder(t);
  const first = startServerProcess(t, join(folder, 'one'));
  const { http, opamp } = await first.ready();
  const [api, agents] = [http, opamp].map((url) => new URL(url).host) as [string, string];
  const port = (address: string) => address.split(':').at(-1);
  const two = (...args: string[]) => startServerProcess(t, join(folder, 'two'), ...args);
  await endsBadly(
    two('--http', api),
    new RegExp(
      `HTTP API cannot listen on ${api}: port ${port(api)} is in use by a Ringfence server \\(version .*--http HOST:PORT`,
    ),
  );
  await endsBadly(
    two('--http', api, '--opamp', agents),
    new RegExp(
      `agents' listener cannot .* port ${port(agents)} is in use by a Ringfence server .*one answers on ${api}.*--opamp HOST:PORT`,
    ),
  );
  await endsBadly(two('--opamp', agents), new RegExp(`port ${port(agents)} is in use by another program`));

  const stranger = createServer((socket) => socket.end('220 mail.example ready\r\n')).listen(0, '127.0.0.1');
  t.after(() => stranger.close());
  await until('the stranger to listen', () => stranger.listening);
  const theirs = (stranger.address() as { port: number }).port;
  await endsBadly(two('--http', `127.0.0.1:${theirs}`), /in use by another program/);
  assert.equal((await get(`${http}/healthz`)).status, 200, 'the first goes on');
});

test('law 20: a second server on the same record does not start', async (t) => {
  const data = temporaryFolder(t);
  const first = startServerProcess(t, data);
  const { http } = await first.ready();
  await endsBadly(startServerProcess(t, data), /another|in use|locked/i);
  assert.equal((await get(`${http}/readyz`)).status, 200, 'the first goes on');
});

test('law 20: a server whose record was gone on with by another one ends, and a new one reads what that has written', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const server = startServerProcess(t, data);
  await server.ready();
  // Another program, which does not heed the lock.
  // It waits its turn: a server that has just begun still writes down how far it is.
  const database = new DatabaseSync(join(data, 'ringfence.db'), { timeout: 5_000 });
  const session = storeSession(database, 'the record');
  database.exec('BEGIN IMMEDIATE');
  const halted = { stream: 'line', type: 'LineHalted', at: Date.now(), actor: 'other', data: { reason: 'elsewhere' } };
  assert.equal(session.append(session.head(), [halted]).outcome, 'appended');
  database.exec('COMMIT');
  database.close();
  assert.equal(await server.ended(), 1);
  assert.match(server.stderr(), /ringfence server: another control plane has appended to the log/);
  assert.doesNotMatch(server.stderr(), /\n\s+at /, 'no stack trace');
  const next = startServerProcess(t, data, '--anonymous-viewer');
  const { http } = await next.ready();
  assert.equal(((await (await get(`${http}/v1/halt`)).json()) as { halt: { by: string } | null }).halt?.by, 'other');
  await endsWell(next);
});

test('a damaged record is said, not read', async (t) => {
  const data = temporaryFolder(t);
  const first = startServerProcess(t, data);
  await first.ready();
  await endsWell(first);
  const file = join(data, 'ringfence.db');
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([Buffer.from('not a database at all'), bytes.subarray(21)]));
  await endsBadly(startServerProcess(t, data), /ringfence\.db/);
});

test('a signal ends the live streams and the process; the pid file is there only while it is ready', async (t) => {
  const folder = temporaryFolder(t);
  const pidFile = join(folder, 'pid');
  const server = startServerProcess(t, join(folder, 'data'), '--pid-file', pidFile);
  const { http, pid, adminToken } = await server.ready();
  assert.equal(readFileSync(pidFile, 'utf8'), `${pid}\n`);
  const stream = await get(`${http}/v1/events`, adminToken);
  const drained = stream.text();
  await endsWell(server);
  await drained;
  assert.equal(existsSync(pidFile), false);
});

test('a second signal ends it at once, whatever is still under way', async (t) => {
  const server = startServerProcess(t, temporaryFolder(t));
  const { http, adminToken } = await server.ready();
  const socket = connect(Number(new URL(http).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  // A request whose body never comes to its end.
  socket.write(
    `POST /v1/manifests HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${adminToken}\r\ncontent-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  server.child.kill('SIGTERM');
  await until('it to begin to end', () => server.stderr().includes('ending'));
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 128 + 15);
});

test('only this machine reads without a token, and only when told so', async (t) => {
  const server = startServerProcess(t, temporaryFolder(t), '--anonymous-viewer');
  const { http }: Ready = await server.ready();
  assert.equal((await get(`${http}/v1/services`)).status, 200);
  assert.equal((await get(`${http}/v1/tokens`)).status, 401);
  const page = await get(`${http}/`);
  assert.match(page.headers.get('content-type') ?? '', /html/);
});
