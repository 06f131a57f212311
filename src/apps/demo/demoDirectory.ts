import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../cli/cliError.ts';

/** Where everything of one demo lives. */
export interface DemoDirectory {
  /** Absolute. */
  readonly root: string;
  readonly logs: string;
  /** What Node has compiled: kept from one demo to the next. */
  readonly cache: string;
  /** The control plane's own data. */
  readonly data: string;
  readonly adminTokenFile: string;
  readonly agentTokenFile: string;
  /** A folder for each target. */
  readonly targets: string;
  /** Commands typed in this folder, or below it, find the demo's login. */
  readonly commandFolder: string;
}

export function demoDirectory(root: string): DemoDirectory {
  return {
    root,
    logs: join(root, 'logs'),
    cache: join(root, 'cache'),
    data: join(root, 'data'),
    adminTokenFile: join(root, 'admin.token'),
    agentTokenFile: join(root, 'agent.token'),
    targets: join(root, 'targets'),
    // `.ringfence/demo` belongs to the folder that holds `.ringfence`; any other directory stands for itself.
    commandFolder: basename(dirname(root)) === '.ringfence' ? dirname(dirname(root)) : root,
  };
}

/** A demo that runs now. */
export interface RunningDemo {
  readonly directory: string;
  readonly pid: number;
  /** Its control plane. */
  readonly server: string;
}

/** What stands in the directory's claim file while a demo runs in it, and after one was killed. */
interface Claim extends RunningDemo {
  /** Where the demo itself answers: a stale file, whose process id may be somebody else's by now, gets no such answer. */
  readonly identity: string;
}

const CLAIM = 'demo.json';
const MARKER = 'about.txt';
const ABOUT = 'Everything in this folder was made by "ringfence demo". The next demo that starts here empties it.\n';

/** The demo that runs in this directory now, `null` when none does. */
export async function findRunningDemo(root: string): Promise<RunningDemo | null> {
  try {
    const claim = JSON.parse(readFileSync(join(root, CLAIM), 'utf8')) as Claim;
    const response = await fetch(claim.identity, { signal: AbortSignal.timeout(2000) });
    const said = (await response.json()) as { pid?: unknown; directory?: unknown };
    return said.pid === claim.pid && said.directory === root ? claim : null;
  } catch {
    return null;
  }
}

/** A directory with other people's files is never touched. */
export function assertOursOrNew(root: string): void {
  if (!existsSync(root) || existsSync(join(root, MARKER)) || readdirSync(root).length === 0) return;
  throw new CliError('usage', `${root} holds files that no demo made, and the demo empties the directory it uses`, {
    remedy: 'Name another, or a new one, with --directory.',
  });
}

/**
 * Takes the directory for this process: empties it of what an earlier demo left, and answers whoever asks until `release` is
 * called. Nobody else may run in it; of two that try at once, one is refused.
 */
export async function claimDirectory(directory: DemoDirectory, server: string): Promise<{ release(): void }> {
  const { root } = directory;
  mkdirSync(root, { recursive: true, mode: 0o700 });
  empty(directory);
  writeFileSync(join(root, MARKER), ABOUT);
  for (const folder of [directory.logs, directory.cache, directory.targets]) mkdirSync(folder, { recursive: true });

  const identity = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ pid: process.pid, directory: root }));
  });
  const port = await listening(identity);
  const claim: Claim = { directory: root, pid: process.pid, server, identity: `http://127.0.0.1:${port}` };
  const draft = join(root, `demo.${process.pid}.json`);
  writeFileSync(draft, `${JSON.stringify(claim, null, 2)}\n`, { mode: 0o600 });
  try {
    // A link appears whole, and only one of two can make it.
    linkSync(draft, join(root, CLAIM));
  } catch {
    identity.close();
    throw new CliError('refused', `another demo is starting in ${root} at this very moment`);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      identity.close();
      rmSync(join(root, CLAIM), { force: true });
    },
  };
}

function empty({ root, cache }: DemoDirectory): void {
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (path !== cache) rmSync(path, { recursive: true, force: true });
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
