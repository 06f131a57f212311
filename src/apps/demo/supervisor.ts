import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS } from './programs.ts';

export interface ChildOptions {
  /** Unique; also the name of its log. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A child that ended though nobody had told it to. */
export interface Death {
  readonly name: string;
  /** `ended with code 1`, `was killed by SIGKILL`. */
  readonly how: string;
  readonly logFile: string;
  readonly lastLines: readonly string[];
}

/**
 * The demo's child processes. Each writes its output into a log of its own, is tethered (it ends when this process is gone,
 * however that happens) and is in a process group of its own, so that a Ctrl-C reaches this process alone, which then stops them.
 */
export class Supervisor {
  readonly #logs: string;
  readonly #cache: string;
  readonly #onDeath: (death: Death) => void;
  readonly #children = new Map<string, ChildProcess>();
  readonly #end = new AbortController();

  constructor(options: { logs: string; cache: string; onDeath: (death: Death) => void }) {
    this.#logs = options.logs;
    this.#cache = options.cache;
    this.#onDeath = options.onDeath;
  }

  start({ name, file, args, nodeFlags = [], env = {} }: ChildOptions): void {
    if (this.ended.aborted) return;
    const logFile = this.logFileOf(name);
    const log = openSync(logFile, 'a');
    const { RINGFENCE_LIFELINE_FD: _ours, ...inherited } = process.env;
    const child = spawn(process.execPath, [...nodeFlags, '--import', PROGRAMS.tether, file, ...args], {
      stdio: ['pipe', log, log],
      detached: true,
      // What one process has compiled, its like need not compile again: that saves 24 of them time and memory.
      env: { ...inherited, NODE_COMPILE_CACHE: this.#cache, ...env },
    });
    closeSync(log);
    this.#children.set(name, child);
    child.on('error', (error) => this.#ended(name, `could not be started: ${error.message}`));
    child.on('exit', (code, signal) =>
      this.#ended(name, signal === null ? `ended with code ${code}` : `was killed by ${signal}`),
    );
  }

  /** Aborted from the moment the children are told to end: nothing is worth waiting for any more. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  logFileOf(name: string): string {
    return join(this.#logs, `${name}.log`);
  }

  /** Process ids of the children that run now. */
  pids(): readonly number[] {
    return [...this.#children.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Ends all children, at once and in order (SIGTERM), after `graceMs` by force. Resolves when none is left. Idempotent. */
  async stop(graceMs = 4000): Promise<void> {
    this.#end.abort();
    const left = [...this.#children.values()];
    const ended = left.map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
    for (const child of left) child.kill('SIGTERM');
    const force = setTimeout(() => {
      for (const child of left) child.kill('SIGKILL');
    }, graceMs);
    await Promise.all(ended);
    clearTimeout(force);
  }

  #ended(name: string, how: string): void {
    if (!this.#children.delete(name) || this.ended.aborted) return;
    const logFile = this.logFileOf(name);
    this.#onDeath({ name, how, logFile, lastLines: lastLinesOf(logFile) });
  }
}

function lastLinesOf(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines
    .slice(-LAST_LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}

const LAST_LINES = 8;
const LONGEST_LINE = 300;
