import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

/** The program that listens on a port, as far as this system tells. */
export interface PortOwner {
  readonly pid: number;
  /** Its command line; empty when it cannot be told. */
  readonly args: readonly string[];
}

/** Whether a server can listen on this loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A loopback port that is free now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()));
    });
  });
}

/** Who listens on this TCP port: from /proc where there is one, else from `lsof`; `null` when neither tells. */
export function portOwner(port: number): PortOwner | null {
  const pid = pidFromProc(port) ?? pidFromLsof(port);
  return pid === null ? null : { pid, args: argsOf(pid) };
}

/** The command line of a process; empty when there is no such process. */
export function argsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((arg) => arg !== '');
  } catch {
    return outputOf('ps', ['-o', 'command=', '-p', `${pid}`])?.split(' ') ?? [];
  }
}

/** The process that started this one, `null` when it cannot be told. */
export function parentOf(pid: number): number | null {
  let status: string | null;
  try {
    status = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? null;
  } catch {
    status = outputOf('ps', ['-o', 'ppid=', '-p', `${pid}`]);
  }
  return status === null ? null : Number(status) || null;
}

function pidFromProc(port: number): number | null {
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(table)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && Number.parseInt(local?.split(':')[1] ?? '', 16) === port)
        sockets.add(`socket:[${inode}]`);
    }
  }
  if (sockets.size === 0) return null;
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of namesIn(`/proc/${pid}/fd`)) {
      if (sockets.has(linkAt(`/proc/${pid}/fd/${descriptor}`))) return Number(pid);
    }
  }
  return null;
}

/** TCP_LISTEN in the kernel's tables. */
const LISTENING = '0A';

function pidFromLsof(port: number): number | null {
  const found = outputOf('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']);
  return found === null ? null : Number(found.split('\n')[0]) || null;
}

function outputOf(program: string, args: readonly string[]): string | null {
  try {
    return (
      execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 }).trim() ||
      null
    );
  } catch {
    return null;
  }
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
