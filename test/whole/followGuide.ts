import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STEP_MS = 120_000;

/**
 * Follows a guide as a reader would, in an empty folder beside a real server: what stands in it under a file's name is written
 * (```` ```yaml service.yaml ````), what is `sh` is run, one block after the other, and what is `sh background` is left running. Only addresses are
 * others. Fails with what a command wrote. Gives what all of them wrote to stdout.
 */
export async function followGuide(t: TestContext, name: string): Promise<string> {
  const folder = temporaryFolder(t);
  const ready = await startServerProcess(t, join(folder, 'data')).ready();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ringfence'), `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/src/apps/cli/main.ts' "$@"\n`, {
    mode: 0o755,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const env = {
    ...process.env,
    PATH: `${bin}:${join(process.execPath, '..')}:${process.env.PATH}`,
    RINGFENCE_SERVER: ready.http,
    RINGFENCE_TOKEN: ready.adminToken ?? '',
    EXAMPLES: join(ROOT, 'examples'),
    DATA: join(folder, 'data'),
  };
  const addresses: readonly (readonly [string, string])[] = [
    ['ws://127.0.0.1:4320/v1/opamp', ready.opamp],
    ['http://127.0.0.1:4600', ready.http],
    ['4700', String(await freePort())],
    ['4701', String(await freePort())],
  ];
  const guide = readFileSync(join(ROOT, 'docs', 'guides', name), 'utf8');
  let written = '';
  for (const [, language = '', title = '', block = ''] of guide.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```/gms)) {
    const meant = addresses.reduce((all, [from, to]) => all.replaceAll(from, to), block);
    if (title.includes('.')) writeFileSync(join(folder, title), meant);
    else if (language === 'sh' && title === 'background') leaveRunning(t, meant, folder, env);
    else if (language === 'sh') written += await run(meant, folder, env);
  }
  return written;
}

async function run(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('sh', ['-euc', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), STEP_MS);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const code = await ended;
  clearTimeout(limit);
  assert.equal(code, 0, `the guide says\n${script}\nand that wrote\n${stdout}${stderr}`);
  return stdout;
}

/** In a group of its own, which is ended with the test: what a shell starts outlives the shell. */
function leaveRunning(t: TestContext, script: string, cwd: string, env: NodeJS.ProcessEnv): void {
  const child = spawn('sh', ['-euc', script], { cwd, env, stdio: 'ignore', detached: true });
  t.after(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
