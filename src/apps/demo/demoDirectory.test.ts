import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { assertOursOrNew, claimDirectory, demoDirectory, findRunningDemo } from './demoDirectory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringfence-directory-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const SERVER = 'http://127.0.0.1:4600';

test('a directory with somebody’s files is refused and left alone', () => {
  writeFileSync(join(root, 'thesis.txt'), 'years of work');
  assert.throws(() => assertOursOrNew(root), /holds files that no demo made/);
  assert.equal(readFileSync(join(root, 'thesis.txt'), 'utf8'), 'years of work');
});

test('a running demo says that it is there until it ends; what it leaves is emptied by the next', async () => {
  assertOursOrNew(root);
  const first = await claimDirectory(demoDirectory(root), SERVER);
  assert.deepEqual((await findRunningDemo(root))?.pid, process.pid);
  writeFileSync(join(root, 'targets', 'left-over'), '');
  first.release();
  assert.equal(await findRunningDemo(root), null);
  assertOursOrNew(root);
  const second = await claimDirectory(demoDirectory(root), SERVER);
  assert.equal(existsSync(join(root, 'targets', 'left-over')), false);
  second.release();
});

test('the claim of a demo that was killed counts for nothing, whoever has its process id and port now', async () => {
  const stranger = await claimDirectory(demoDirectory(join(root, 'another')), SERVER);
  const identity = JSON.parse(readFileSync(join(root, 'another', 'demo.json'), 'utf8')).identity as string;
  writeFileSync(
    join(root, 'demo.json'),
    JSON.stringify({ directory: root, pid: process.pid, server: SERVER, identity }),
  );
  assert.equal(await findRunningDemo(root), null);
  stranger.release();
  assert.equal(await findRunningDemo(root), null);
});

test('commands find the login of a demo in .ringfence/demo from the folder above', () => {
  assert.equal(demoDirectory('/srv/clone/.ringfence/demo').commandFolder, '/srv/clone');
  assert.equal(demoDirectory('/tmp/somewhere').commandFolder, '/tmp/somewhere');
});
