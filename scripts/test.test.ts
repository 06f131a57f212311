import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const PROGRAM = join(import.meta.dirname, 'test.ts');

const PASSES = "import { test } from 'node:test';\ntest('one', () => {});\ntest('two', () => {});\n";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the test program over files made for it. */
async function runOver(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const root = await mkdtemp(join(tmpdir(), 'ringfence-runner-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'src'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'src', name), text);
  const child = spawn(process.execPath, [PROGRAM, '--in', root, ...args], {
    env: { ...process.env, CI: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => output.push(part));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output: output.join('') };
}

test("tests that pass: a line a file, Node's counts last, 0", async (t) => {
  const { code, output } = await runOver(t, { 'a.test.ts': PASSES, 'b.test.ts': PASSES, 'c.ts': 'throw 1;' });
  assert.equal(code, 0, output);
  assert.match(output, /^✔ src\/a\.test\.ts \(2 tests, /m);
  assert.match(
    output,
    /# tests 4\n# suites 0\n# pass 4\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n# duration_ms \d+\n$/,
  );
});

test('a test that fails: its report, the file in the summary, 1', async (t) => {
  const bad = "import { test } from 'node:test';\ntest('three', () => { throw new Error('out of cheese'); });\n";
  const { code, output } = await runOver(t, { 'a.test.ts': PASSES, 'b.test.ts': bad });
  assert.equal(code, 1);
  assert.match(output, /out of cheese/);
  assert.match(output, /^failed:\n {2}src\/b\.test\.ts\n/m);
  assert.match(output, /# tests 3\n(?:#.*\n)*# fail 1\n/);
});

test('a file that never gets to its tests counts as one that failed', async (t) => {
  const { code, output } = await runOver(t, { 'a.test.ts': "throw new Error('early');\n" });
  assert.equal(code, 1);
  assert.match(output, /src\/a\.test\.ts: ended with 1 before its tests were done/);
  assert.match(output, /# tests 1\n(?:#.*\n)*# fail 1\n/);
});

test('a skipped test is told with its reason, and is a failure in CI', async (t) => {
  const skips =
    "import { test } from 'node:test';\ntest('page', (t) => t.skip('needs chromium: apt-get install chromium'));\n";
  const told = /src\/a\.test\.ts: page\n {4}needs chromium: apt-get install chromium\n/;
  const outside = await runOver(t, { 'a.test.ts': skips });
  assert.equal(outside.code, 0);
  assert.match(outside.output, told);
  const inside = await runOver(t, { 'a.test.ts': skips }, [], { CI: 'true' });
  assert.equal(inside.code, 1);
  assert.match(inside.output, /^skipped, which is a failure in CI:$/m);
  assert.match(inside.output, told);
});

test('a file that spins is killed when its time is up; the others go on', async (t) => {
  const files = {
    'a.test.ts': "import { test } from 'node:test';\ntest('spins', () => { for (;;); });\n",
    'b.test.ts': PASSES,
  };
  const { code, output } = await runOver(t, files, ['--timeout', '3000']);
  assert.equal(code, 1);
  assert.match(output, /✖ src\/a\.test\.ts \(.*\): did not end within 3 s and was killed/);
  assert.match(output, /✔ src\/b\.test\.ts/);
});

test('processes that a file leaves behind are killed, and are a failure', async (t) => {
  const leaves = `import { spawn } from 'node:child_process';
import { test } from 'node:test';
test('leaves', () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  child.unref();
  console.log('left ' + child.pid);
});
`;
  const { code, output } = await runOver(t, { 'a.test.ts': leaves });
  assert.equal(code, 1);
  assert.match(output, /left processes running; they were killed/);
  const pid = Number(/left (\d+)/.exec(output)?.[1]);
  assert.ok(pid > 0, output);
  assert.ok(!isRunning(pid), 'it is gone, or only waits to be noticed');
});

test('words choose files by their path; none that has them is an error', async (t) => {
  const files = { 'store.test.ts': PASSES, 'link.test.ts': PASSES };
  const one = await runOver(t, files, ['stor']);
  assert.match(one.output, /# tests 2\n/);
  assert.doesNotMatch(one.output, /link/);
  const none = await runOver(t, files, ['nothing']);
  assert.equal(none.code, 1);
  assert.match(none.output, /there are no test files with nothing in their path/);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
