import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const OURS = join(import.meta.dirname, '..');

/**
 * A repository whose only dependency is a package "node" of its own, beside it, so that the real npm installs it without a
 * network. What it calls Node runs the Node of this test.
 */
async function repository(t: TestContext, { withNode = true } = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ringfence-pinned-'));
  t.after(() => rm(root, { recursive: true }));
  const bin = join(root, 'brought', 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(root, 'scripts'));
  await mkdir(join(root, 'bin'));
  for (const file of ['scripts/pinned.mjs', 'bin/launch.mjs']) await copyFile(join(OURS, file), join(root, file));
  await writeFile(join(root, 'brought', 'package.json'), '{ "name": "node", "version": "1.0.0" }');
  if (withNode) {
    await writeFile(join(bin, 'node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    await chmod(join(bin, 'node'), 0o755);
  }
  const manifest = { name: 'a', version: '1.0.0', dependencies: { node: 'file:brought' } };
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
  const packages = {
    '': manifest,
    brought: { name: 'node', version: '1.0.0' },
    'node_modules/node': { resolved: 'brought', link: true },
  };
  await writeLock(root, { name: 'a', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
  await writeFile(
    join(root, 'program.mjs'),
    `import { createReadStream } from 'node:fs';
const [what, ...rest] = process.argv.slice(2);
if (what === 'say') console.log(JSON.stringify(rest));
if (what === 'end') process.exit(Number(rest[0]));
if (what === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
  console.log(process.pid);
}
if (what === 'watch') {
  const lifeline = createReadStream('', { fd: Number(process.env.RINGFENCE_LIFELINE_FD) });
  lifeline.on('error', () => {}).on('close', () => { process.stderr.write('the launcher is gone'); process.exit(); }).resume();
  console.log(process.pid);
}
`,
  );
  return root;
}

function writeLock(root: string, lock: object): Promise<void> {
  return writeFile(join(root, 'package-lock.json'), JSON.stringify(lock, null, 2));
}

function start(root: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'scripts', 'pinned.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(root: string, ...args: readonly string[]) {
  const child = start(root, ...args);
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream?.setEncoding('utf8').toArray());
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: (await stdout)?.join(''), stderr: (await stderr)?.join('') ?? '' };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(child.stdout?.setEncoding('utf8') ?? child, 'data')) as [string];
  return line.trim();
}

test('the first run installs and says so, the next ones do not; arguments and what is printed are untouched', async (t) => {
  const root = await repository(t);
  const first = await run(root, 'program.mjs', 'say', 'a b', '--c');
  assert.deepEqual([first.code, first.stdout], [0, '["a b","--c"]\n'], first.stderr);
  assert.match(first.stderr, /^ringfence: installing dependencies/);
  assert.deepEqual(await run(root, 'program.mjs', 'say'), { code: 0, stdout: '[]\n', stderr: '' });
});

test('it installs again when the lock file has changed', async (t) => {
  const root = await repository(t);
  await run(root, 'program.mjs', 'say');
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  await writeLock(root, { ...lock, version: '1.0.1' });
  assert.match((await run(root, 'program.mjs', 'say')).stderr, /installing dependencies/);
  assert.equal((await run(root, 'program.mjs', 'say')).stderr, '');
});

test('an install that fails is said, with what to do, and is tried again the next time', async (t) => {
  const root = await repository(t);
  await writeFile(join(root, 'package-lock.json'), 'not a lock file');
  for (const attempt of [1, 2]) {
    const { code, stdout, stderr } = await run(root, 'program.mjs', 'say');
    assert.deepEqual([code, stdout], [1, ''], `attempt ${attempt}`);
    assert.match(stderr, /ringfence: "npm ci" failed in .*\n$/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
});

test('a "node" package without its Node is said, with what to do', async (t) => {
  const { code, stderr } = await run(await repository(t, { withNode: false }), 'program.mjs', 'say');
  assert.equal(code, 1);
  assert.match(stderr, /the pinned Node was not installed at .*; allow that script/);
});

test('without npm in PATH it says so', async (t) => {
  const root = await repository(t);
  const child = spawn(process.execPath, [join(root, 'scripts', 'pinned.mjs'), 'program.mjs'], {
    env: { PATH: '/nonexistent' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = await child.stderr.setEncoding('utf8').toArray();
  assert.match(stderr.join(''), /cannot run npm: .* Install npm/);
});

test("the program's exit code is the command's", async (t) => {
  assert.equal((await run(await repository(t), 'program.mjs', 'end', '3')).code, 3);
});

test('a signal is passed on, and how the program ends is how the command ends', async (t) => {
  const child = start(await repository(t), 'program.mjs', 'wait');
  await firstLine(child);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});

test('a program that a signal ends makes the code a shell would', async (t) => {
  const child = start(await repository(t), 'program.mjs', 'wait');
  process.kill(Number(await firstLine(child)), 'SIGKILL');
  assert.deepEqual(await once(child, 'exit'), [128 + 9, null]);
});

test('a launcher that is killed closes the lifeline, so that the program can end as well', async (t) => {
  const child = start(await repository(t), 'program.mjs', 'watch');
  await firstLine(child);
  child.kill('SIGKILL');
  // stderr is the program's too; it ends when the program has ended.
  assert.match((await child.stderr?.setEncoding('utf8').toArray())?.join('') ?? '', /the launcher is gone$/);
});
