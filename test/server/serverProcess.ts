import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../http/apiUnderTest.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'apps', 'cli', 'main.ts');

export interface ServerProcess {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** Waits for its end. Its exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
  /** The line that says it is ready; fails with what it wrote when it ended instead. */
  ready(): Promise<Ready>;
}

export interface Ready {
  readonly pid: number;
  readonly http: string;
  readonly opamp: string;
  readonly adminToken: string | null;
}

/** A folder of its own for one test, removed at its end. */
export function temporaryFolder(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-server-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `ringfence server` on free ports, as its own process; it is ended with the test. */
export function startServerProcess(
  t: { after(fn: () => unknown): void },
  data: string,
  ...args: readonly string[]
): ServerProcess {
  const addresses = ['--port', '0', '--opamp-port', '0'].filter(
    (_, index) => !args.includes(index < 2 ? '--http' : '--opamp'),
  );
  const child = spawn(process.execPath, [MAIN, 'server', '--json', '--data', data, ...addresses, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    written.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    written.stderr += text;
  });
  let end: number | string | undefined;
  child.on('close', (code, signal) => {
    end = code ?? signal ?? 'unknown';
  });
  const ended = () =>
    until(
      `the server to end; it wrote:
${written.stdout}${written.stderr}`,
      () => end,
    );
  t.after(async () => {
    child.kill('SIGKILL');
    await ended();
  });
  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    ready: () =>
      until(`the server to be ready; it wrote:\n${written.stdout}${written.stderr}`, () => {
        if (child.exitCode !== null)
          throw new Error(`it ended with ${child.exitCode}:\n${written.stdout}${written.stderr}`);
        const line = written.stdout.split('\n').find((one) => one.startsWith('{"ready":true'));
        return line === undefined ? undefined : (JSON.parse(line) as Ready);
      }),
  };
}
