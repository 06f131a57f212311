import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSettings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly nodeFlags?: readonly string[];
}

/** A folder for one test, gone when it is over. Nothing of the person who runs the tests is read: it is home as well. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The environment of a run: only what is given, and what a program cannot do without. Keeps what is compiled only where it is told to. */
export function cliEnv(home: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const cache: Record<string, string> = 'XDG_CACHE_HOME' in env ? {} : { NODE_DISABLE_COMPILE_CACHE: '1' };
  return { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8', TZ: 'UTC', ...cache, ...env };
}

/** Starts the real command as a process. */
export function startCli(args: readonly string[], settings: CliSettings = {}): ChildProcessWithoutNullStreams {
  const cwd = settings.cwd ?? tmpdir();
  const child = spawn(process.execPath, [...(settings.nodeFlags ?? []), MAIN, ...args], {
    cwd,
    env: cliEnv(cwd, settings.env),
  });
  child.stdin.on('error', () => {}); // It may end without having read.
  return child;
}

/** Runs the real command to its end. */
export async function runCli(args: readonly string[], settings: CliSettings = {}): Promise<Finished> {
  const child = startCli(args, settings);
  child.stdin.end(settings.stdin ?? '');
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
