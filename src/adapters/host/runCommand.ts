import { type ChildProcess, spawn } from 'node:child_process';
import { formatDuration } from '../../core/kernel/instant.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { CommandOutcome, RunLimits } from '../../engine/ports/host.ts';

/** Kept of what a command prints: the end, where it says why it gave up. */
export const MAX_OUTPUT_BYTES = 8 * 1024;

/** For what a program printed just before it ended. */
const READ_ON_MS = 250;

/**
 * Runs a program without a shell, in a process group of its own, with empty standard input. It has ended when the program itself
 * has: what it started in the background goes on, unless the time limit or an abort ends the whole group.
 */
export function runCommand(clock: Clock, command: readonly string[], limits: RunLimits): Promise<CommandOutcome> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    if (limits.signal.aborted) return resolve({ ok: false, says: 'was not started', output: '' });
    let child: ChildProcess;
    try {
      const env = limits.environment ?? environment();
      child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
    } catch (error) {
      return resolve({ ok: false, says: `cannot be started: ${messageOf(error)}`, output: '' });
    }
    const output = new Tail();
    child.stdout?.on('data', (bytes: Buffer) => output.add(bytes));
    child.stderr?.on('data', (bytes: Buffer) => output.add(bytes));
    let killedFor = '';
    const kill = (why: string) => {
      killedFor ||= why;
      killGroup(child);
    };
    const aborted = () => kill('was ended, because it was not wanted any more');
    const cancelLimit = clock.after(limits.timeoutMs, () =>
      kill(`took longer than ${formatDuration(limits.timeoutMs)} and was killed`),
    );
    limits.signal.addEventListener('abort', aborted, { once: true });
    let cancelReading = () => {};
    const end = (ok: boolean, says: string) => {
      cancelLimit();
      cancelReading();
      limits.signal.removeEventListener('abort', aborted);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ ok: ok && killedFor === '', says: killedFor || says, output: output.text() });
    };
    child.on('error', (error) => end(false, `cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      const ended = () => end(code === 0, signal === null ? `ended with code ${code}` : `was killed by ${signal}`);
      // What it printed last may still be in the pipes. Whoever it left running may hold those open for ever.
      child.once('close', ended);
      cancelReading = clock.after(READ_ON_MS, ended);
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Ours, without what is none of the command's business. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RINGFENCE_')));
}

/** The last bytes of a stream. */
class Tail {
  #bytes = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-MAX_OUTPUT_BYTES);
  }

  text(): string {
    return this.#bytes.toString('utf8').trim();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
