import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../src/adapters/clock/systemClock.ts';
import { forward, revisionOf } from '../src/adapters/driver/contract/driverProofs.ts';
import { packageDriver } from '../src/adapters/driver/package.ts';
import { PLACE_TARGET } from '../src/adapters/driver/testing/places/placeTarget.ts';
import { systemEntropy } from '../src/adapters/entropy/systemEntropy.ts';
import { startOpampServer } from '../src/adapters/link/server/opampServer.ts';
import { TestFleet, TOKEN } from '../src/adapters/link/testing/testFleet.ts';
import { localTools } from '../src/apps/agent/localTools.ts';
import type { PackageSlot } from '../src/wire/manifest/slot/packageSlot.ts';

/* A package from its publisher to a target: signed by the CLI, lying at the control plane, fetched, believed, in force. */

const CLI = join(import.meta.dirname, '../bin/ringfence.mjs');
const SIGNAL = new AbortController().signal;
const LOGGER = { debug() {}, info() {}, warn() {}, error() {} };
const run = promisify(execFile);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-packages-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function published(
  folder: string,
  bytes: number,
): Promise<{ readonly key: string; readonly descriptor: Buffer }> {
  mkdirSync(join(folder, 'tree'));
  writeFileSync(join(folder, 'tree', 'data'), randomBytes(bytes));
  await run('tar', ['-cf', join(folder, 'shop.tar'), '-C', join(folder, 'tree'), '.']);
  const ringfence = (...args: readonly string[]) => run(process.execPath, [CLI, 'package', ...args], { cwd: folder });
  const { stdout: made } = await ringfence('key', 'publisher.key');
  const key = /public key +([0-9a-f]{64})/.exec(made)?.[1] ?? '';
  const { stdout } = await ringfence(
    'sign',
    'shop.tar',
    '--key',
    'publisher.key',
    '--name',
    'shop',
    '--release',
    '2.0',
    '--into',
    'packages',
  );
  return { key, descriptor: Buffer.from(stdout) };
}

async function controlPlane(t: TestContext, folder: string, bytesPerSecond: number | null) {
  const server = await startOpampServer({
    host: '127.0.0.1',
    port: 0,
    fleet: new TestFleet(systemClock),
    clock: systemClock,
    entropy: systemEntropy,
    logger: LOGGER,
    packages: { folder: join(folder, 'packages'), bytesPerSecond },
  });
  t.after(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

test('a package larger than any artifact is signed, fetched from the control plane, and in force', async (t) => {
  const folder = folderOf(t);
  const { key, descriptor } = await published(folder, 20 * 1024 * 1024);
  assert.equal(statSync(join(folder, 'publisher.key')).mode & 0o777, 0o600);
  const origin = await controlPlane(t, folder, null);
  const spec: PackageSlot = {
    kind: 'package',
    directory: join(folder, 'target'),
    keys: [key],
    unpacked: { bytes: 100 * 1024 * 1024, entries: 10 },
    reload: null,
    restart: null,
    verify: null,
    watchForMs: 0,
  };
  const driver = packageDriver(
    spec,
    localTools(() => PLACE_TARGET, { origin, token: TOKEN }),
  );
  const back = await driver.read(SIGNAL);
  await forward(driver, revisionOf(descriptor), back);
  const inForce = readFileSync(join(folder, 'target', 'current', 'data'));
  assert.ok(inForce.equals(readFileSync(join(folder, 'tree', 'data'))));
  await driver.undo(back, null, SIGNAL, 'reload');
});

test('packages are for those who have a token; a range of one, and what is none', async (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'packages'));
  const name = 'a'.repeat(64);
  writeFileSync(join(folder, 'packages', name), '0123456789');
  writeFileSync(join(folder, 'secret'), 'not a package');
  const origin = await controlPlane(t, folder, null);
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, token = TOKEN) =>
    fetch(`${origin}/v1/packages/${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
  assert.equal((await get(`sha256:${name}`, {}, 'wrong')).status, 401);
  assert.equal(await (await get(`sha256:${name}`)).text(), '0123456789');
  const part = await get(`sha256:${name}`, { range: 'bytes=4-' });
  assert.deepEqual(
    [part.status, part.headers.get('content-range'), await part.text()],
    [206, 'bytes 4-9/10', '456789'],
  );
  assert.equal((await get(`sha256:${name}`, { range: 'bytes=10-' })).status, 416);
  assert.equal((await get(`sha256:${'b'.repeat(64)}`)).status, 404);
  assert.equal((await get('sha256:..%2Fsecret')).status, 400);
  assert.equal(
    (
      await fetch(`${origin}/v1/packages/sha256:${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
      })
    ).status,
    405,
  );
});

test('a key that is there is not overwritten, and one that is none is not used', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'a.key'), 'something else');
  const fails = (...args: readonly string[]) =>
    run(process.execPath, [CLI, 'package', ...args], { cwd: folder }).then(
      () => 'it succeeded',
      ({ stderr, code }: { stderr: string; code: number }) => `${code} ${stderr}`,
    );
  assert.match(await fails('key', 'a.key'), /^2 .*a\.key is there already/);
  assert.match(
    await fails('sign', 'a.key', '--key', 'a.key', '--name', 'x', '--release', '1'),
    /^2 .*does not hold a publisher's key/,
  );
  assert.equal(readFileSync(join(folder, 'a.key'), 'utf8'), 'something else');
});
