import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { TestFacts } from './factsReporter.ts';

export interface TestFileOutcome {
  readonly passed: boolean;
  /** Why the file failed as a whole; empty when it did not, or when its output says. */
  readonly says: string;
  /** Node's own `spec` report of the file, and whatever the file printed. */
  readonly output: string;
  /** `null`: the file did not get as far as that. */
  readonly facts: TestFacts | null;
  readonly tookMs: number;
}

export interface Terms {
  /** Where the file is looked for, and the folder it runs in. */
  readonly root: string;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

const REPORTER = pathToFileURL(join(import.meta.dirname, 'factsReporter.ts')).href;
/** How long processes that a file started may take to follow it when it ends. */
const FAREWELL_MS = 5000;

/**
 * Runs one test file with Node's runner, in a process group of its own. When the time is up, or `stop` says so, the whole group
 * is killed: a file that spins cannot refuse, and what it started does not stay behind. To leave processes behind is a failure.
 */
export async function runTestFile(file: string, { root, timeoutMs, stop }: Terms): Promise<TestFileOutcome> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  const factsFile = join(folder, 'facts.json');
  const reporters = [
    ['--test-reporter=spec', '--test-reporter-destination=stdout'],
    [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${factsFile}`],
  ].flat();
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [...reporters, join(root, file)], {
    cwd: root,
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => output.push(part));

  let says = '';
  const end = (why: string) => {
    says ||= why;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => end(`did not end within ${Math.round(timeoutMs / 1000)} s and was killed`), timeoutMs);
  const stopped = () => end('was stopped');
  stop.addEventListener('abort', stopped);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  clearTimeout(timer);
  stop.removeEventListener('abort', stopped);
  if (says === '' && !(await groupEnded(child.pid))) end('left processes running; they were killed');
  await groupEnded(child.pid);
  // Closed only now: a process left behind holds the other end of our pipes.
  if (child.stdout.readable || child.stderr.readable) {
    await Promise.race([new Promise((resolve) => child.on('close', resolve)), delay(FAREWELL_MS)]);
  }
  const facts = await readFile(factsFile, 'utf8').then(
    (text): TestFacts | null => (text === '' ? null : JSON.parse(text)),
    () => null,
  );
  await rm(folder, { recursive: true });
  if (says === '' && facts === null) says = `ended with ${code} before its tests were done`;
  const passed = says === '' && code === 0;
  return { passed, says, output: output.join(''), facts, tookMs: performance.now() - started };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

async function groupEnded(pid: number | undefined): Promise<boolean> {
  const until = performance.now() + FAREWELL_MS;
  while (pid !== undefined && isGroupAlive(pid)) {
    if (performance.now() > until) return false;
    await delay(20);
  }
  return true;
}

/** A process that has ended and only waits for its parent to notice is not alive: in a container that parent may never look. */
function isGroupAlive(group: number): boolean {
  if (process.platform === 'linux') {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return processes.some((pid) => {
      const [state, , itsGroup] = statOf(pid);
      return Number(itsGroup) === group && state !== 'Z' && state !== 'X';
    });
  }
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

/** The fields of /proc/PID/stat from the state on; none when the process is gone. */
function statOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
