import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface TinyService {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly pidFile: string;
  /** Resolves when it is gone, however it goes. */
  readonly ended: Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** How often it has read its file. */
  reads(): Promise<number>;
}

const PROGRAM = join(import.meta.dirname, 'tinyService', 'main.ts');

/** Starts the service of `tinyService/main.ts` and waits until it listens. */
export async function startTinyService(configFile: string, pidFile: string, port = 0): Promise<TinyService> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, configFile, pidFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TINY_PORT: String(port) },
  });
  const ended = once(child, 'exit').then(() => {});
  const [said] = (await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data'),
    ended.then(() => ['0']),
  ])) as [Buffer];
  const listens = Number(said.toString());
  if (listens === 0 || child.pid === undefined) throw new Error('the tiny service ended before it listened');
  const url = `http://127.0.0.1:${listens}`;
  return {
    pid: child.pid,
    port: listens,
    url,
    pidFile,
    ended,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await ended;
    },
    async reads() {
      const answer = (await (await fetch(`${url}/config`)).json()) as { readonly reads: number };
      return answer.reads;
    },
  };
}
