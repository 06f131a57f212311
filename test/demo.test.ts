import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DemoReport } from '../src/apps/demo/demoReport.ts';
import { eventually } from '../src/apps/demo/eventually.ts';
import { FLEET } from '../src/apps/demo/fleetLayout.ts';
import { findFreePort, isPortFree } from '../src/apps/demo/portOwner.ts';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'scripts', 'pinned.mjs');
const folder = mkdtempSync(join(tmpdir(), 'ringfence-demo-'));
const never = new AbortController().signal;
const launched = new Set<ChildProcess>();
after(() => {
  for (const child of launched) child.kill('SIGTERM');
  rmSync(folder, { recursive: true });
});

/** Far more than the demo needs on a machine that does other things, too. */
const STORY_MS = 6 * 60_000;

/** `npm start -- …` without npm: the launcher and everything under it. */
function launch(program: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [launcher, 'src/apps/cli/main.ts', ...program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd: folder,
  });
  launched.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => {
    launched.delete(child);
    return { code: code as number | null, said };
  });
  return {
    child,
    ended,
    said: (pattern: RegExp) =>
      eventually(
        `${pattern} in the output`,
        never,
        () => {
          if (child.exitCode !== null) assert.fail(`ended with ${child.exitCode}:\n${said}`);
          return pattern.test(said) || null;
        },
        STORY_MS,
      ),
  };
}

/** Processes of a demo in this directory that run now, by what their command lines name. */
function processesOf(directory: string): readonly string[] {
  const alive: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command.includes(directory)) alive.push(`${pid}: ${command}`);
    } catch {
      // It has just ended.
    }
  }
  return alive;
}

async function nothingLeft(directory: string, ports: readonly number[]): Promise<void> {
  await eventually('the end of every process', never, () => processesOf(directory).length === 0 || null);
  for (const port of ports) assert.ok(await isPortFree(port), `port ${port} is free`);
}

const onDisk = (directory: string, target: string) =>
  `sha256:${createHash('sha256')
    .update(readFileSync(join(directory, 'targets', target, 'shop.json')))
    .digest('hex')}`;
const readReport = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as DemoReport;

/** Everything the report says that can still be seen is seen, and its parts agree with each other. */
function assertTrue(report: DemoReport, directory: string): void {
  const { good, bad } = report.changes;
  assert.deepEqual(
    report.conditions.filter(({ held }) => !held),
    [],
  );
  assert.equal(report.cameTrue, true);
  assert.deepEqual(good.reached, {
    canary: { targets: 2, reached: 2 },
    pilot: { targets: 6, reached: 6 },
    broad: { targets: 16, reached: 16 },
  });
  assert.deepEqual(bad.reached, {
    canary: { targets: 2, reached: 2 },
    pilot: { targets: 6, reached: 0 },
    broad: { targets: 16, reached: 0 },
  });
  for (const { name, ring } of FLEET) {
    const target = bad.targets.find((one) => one.target === name);
    assert.equal(target?.after, onDisk(directory, name), name);
    assert.deepEqual(target?.during.includes(bad.artifact), ring === 'canary', name);
  }
  const { api, web } = bad.requests;
  assert.ok(api.underTheChange.failures > 0 && api.underTheChange.failures < api.underTheChange.requests);
  assert.equal(web.underTheChange.failures, 0);
  assert.ok((api.elsewhere.failedShare ?? 1) < 0.02, 'untouched targets went on serving');
  assert.ok((bad.firstBadRequestToLastTargetBackSeconds ?? 0) > 0);
}

test('the story comes true and stays up; a second start touches nothing; a killed launcher leaves nothing behind', async () => {
  const directory = join(folder, '.ringfence', 'demo');
  const [port, opampPort] = [await findFreePort(), await findFreePort()];
  const reportFile = join(folder, 'report.json');
  const ports = ['--port', `${port}`, '--opamp-port', `${opampPort}`];
  const demo = launch(['demo', ...ports, '--report', reportFile]);
  await demo.said(/It stays up/);
  assertTrue(readReport(reportFile), directory);

  const second = await launch(['demo', ...ports]).ended;
  assert.equal(second.code, 3, second.said);
  assert.match(second.said, /runs in .*\.ringfence\/demo already \(process \d+\).*nothing was touched/);

  const elsewhere = await launch(['demo', ...ports, '--directory', join(folder, 'elsewhere')]).ended;
  assert.equal(elsewhere.code, 3, elsewhere.said);
  assert.match(elsewhere.said, new RegExp(`port ${port} is in use: a Ringfence demo runs in .*\\.ringfence/demo`));
  assert.match(elsewhere.said, /kill \d+.*--port \d+ --opamp-port \d+/);
  assert.equal(existsSync(join(folder, 'elsewhere')), false);

  await followTheGuide(directory);

  assert.ok(processesOf(directory).length >= 28, 'the demo runs');
  demo.child.kill('SIGKILL');
  await nothingLeft(directory, [port, opampPort]);

  // Where a demo was killed, the next one starts afresh; with --exit it ends by itself.
  const again = await launch(['demo', ...ports, '--exit', '--report', reportFile]).ended;
  assert.equal(again.code, 0, again.said);
  assertTrue(readReport(reportFile), directory);
  assert.equal(existsSync(join(folder, '.ringfence', 'cli.json')), false, 'its login is gone');
  await nothingLeft(directory, [port, opampPort]);
});

test('a shop that dies ends the demo, which names it and shows its last words', async () => {
  const directory = join(folder, 'dies');
  const demo = launch(['demo', '--exit', '--port', '0', '--opamp-port', '0', '--directory', directory]);
  await demo.said(/24 shops/);
  process.kill(Number(readFileSync(join(directory, 'targets', 'api-ap-4', 'shop.pid'), 'utf8')), 'SIGKILL');
  const { code, said } = await demo.ended;
  assert.equal(code, 1, said);
  assert.match(said, /shop-api-ap-4 was killed by SIGKILL/);
  assert.match(said, /listening on http:\/\/127\.0\.0\.1:\d+/);
  await nothingLeft(directory, []);
});

test('interrupted while it starts, it ends what it has started', async () => {
  const directory = join(folder, 'interrupted');
  const demo = launch(['demo', '--port', '0', '--opamp-port', '0', '--directory', directory]);
  await eventually('a first shop', never, () => existsSync(join(directory, 'targets', 'web-eu-1', 'shop.pid')) || null);
  demo.child.kill('SIGINT');
  const { code, said } = await demo.ended;
  assert.equal(code, 130, said);
  await nothingLeft(directory, []);
});

test('a killed npm leaves nothing behind either', async () => {
  const directory = join(folder, 'npm');
  const options = ['--port', '0', '--opamp-port', '0', '--directory', directory];
  const npm = spawn('npm', ['start', '--', ...options], { cwd: root, stdio: 'ignore' });
  launched.add(npm);
  await eventually('a first shop', never, () => existsSync(join(directory, 'targets', 'web-eu-1', 'shop.pid')) || null);
  npm.kill('SIGKILL');
  await nothingLeft(directory, []);
  launched.delete(npm);
});

test('a stranger on its port is named and left alone', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const address = stranger.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const directory = join(folder, 'stranger');
  const { code, said } = await launch(['demo', '--port', `${port}`, '--opamp-port', '0', '--directory', directory])
    .ended;
  assert.equal(code, 3, said);
  assert.match(said, new RegExp(`port ${port} is in use by process ${process.pid}`));
  assert.equal(existsSync(directory), false);
  stranger.close();
});

/** The blocks of commands in a Markdown file, in order. */
function commandsIn(file: string): readonly (readonly string[])[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block.trim().split('\n'));
}

/** Types a command as it is written, in the folder where the demo was started. */
function type(line: string): Promise<{ code: number | null; said: string }> {
  const command = line.replace(/^npx ringfence\b/, `"${process.execPath}" "${launcher}" src/apps/cli/main.ts`);
  const child = spawn('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  return once(child, 'close').then(([code]) => ({ code, said: `${line}\n${said}` }));
}

/** The README's three commands and every step of the first guide, as they are written there. */
async function followTheGuide(directory: string): Promise<void> {
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
  const yours = join(folder, 'examples', 'shop', 'shop-yours.json');
  const [, target, disks, shop, own, bad, again, wheel, record] = commandsIn('docs/guides/first-rollout.md');
  assert.ok(target && disks && shop && own && bad && again && wheel && record);
  assert.deepEqual(commandsIn('README.md')[2], own, 'the README offers what the guide does');
  const all = async (lines: readonly string[], last = 0) => {
    for (const [index, line] of lines.entries()) {
      const { code, said } = await type(line);
      assert.equal(code, index === lines.length - 1 ? last : 0, said);
    }
  };

  await all([...target, ...disks, ...shop]);
  await all(own);
  for (const { name } of FLEET) assert.equal(onDisk(directory, name), digestOf(yours), name);

  const [, badBytes = ''] =
    /^```json\n(.*?)^```/ms.exec(readFileSync(join(root, 'docs/guides/first-rollout.md'), 'utf8')) ?? [];
  const good = readFileSync(yours, 'utf8');
  writeFileSync(yours, badBytes);
  await all(bad, 5);
  await all(again, 3);
  writeFileSync(yours, badBytes.replace('10\n', '"soon"\n'));
  const refused = await type(own[0] ?? '');
  assert.equal(refused.code, 3, refused.said);
  assert.match(refused.said, /supplierTimeoutMs/);

  writeFileSync(yours, badBytes.replace('10\n', '300\n'));
  await all(wheel, 5);
  await all(record);
  writeFileSync(yours, good);
  for (const { name } of FLEET) assert.equal(onDisk(directory, name), digestOf(yours), name);
}

function digestOf(file: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
}
