import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CliError } from '../cli/cliError.ts';
import { findRunningDemo } from './demoDirectory.ts';
import { findFreePort, isPortFree, type PortOwner, portOwner } from './portOwner.ts';

/** How long what a killed demo left may take to end by itself before it is ended. */
const LEFTOVER_MS = 8000;

export interface DemoPorts {
  readonly port: number;
  readonly opampPort: number;
}

/**
 * The ports as they were asked for (0: any that is free), all of them free. What a killed demo left in `root` is waited for, and
 * at last ended; anything else that listens there is named and left alone.
 */
export async function claimPorts(asked: DemoPorts, root: string, say: (text: string) => void): Promise<DemoPorts> {
  const port = asked.port === 0 ? await findFreePort() : asked.port;
  const opampPort = asked.opampPort === 0 ? await findFreePort() : asked.opampPort;
  for (const one of [port, opampPort]) {
    if (await isPortFree(one)) continue;
    const owner = portOwner(one);
    if (owner === null || !isOf(owner, root)) throw await inUse(one, owner);
    say(`a demo that was killed here is still ending (process ${owner.pid}, port ${one})`);
    await ended(one, owner);
  }
  return { port, opampPort };
}

/** Whether this is a control plane that a demo started in `root`. */
function isOf(owner: PortOwner, root: string): boolean {
  return dataFolderOf(owner) === root;
}

/** The directory of the demo that started this control plane, `null` when it is something else. */
function dataFolderOf({ args }: PortOwner): string | null {
  const data = args[args.indexOf('--data') + 1];
  return args.includes('server') && args.includes('--data') && data !== undefined ? dirname(data) : null;
}

async function ended(port: number, owner: PortOwner): Promise<void> {
  const deadline = Date.now() + LEFTOVER_MS;
  while (!(await isPortFree(port))) {
    if (Date.now() > deadline) {
      process.kill(owner.pid, 'SIGKILL');
      await wait(200);
      if (await isPortFree(port)) return;
      throw await inUse(port, portOwner(port));
    }
    await wait(100);
  }
}

async function inUse(port: number, owner: PortOwner | null): Promise<CliError> {
  const others = `--port ${await findFreePort()} --opamp-port ${await findFreePort()}`;
  const elsewhere = `start this one on other ports: npm start -- ${others}`;
  if (owner === null) {
    return new CliError('refused', `port ${port} is in use by a program this user may not see`, {
      remedy: `Stop it, or ${elsewhere}`,
    });
  }
  const folder = dataFolderOf(owner);
  const demo = folder === null ? null : await findRunningDemo(folder);
  if (demo !== null) {
    return new CliError(
      'refused',
      `port ${port} is in use: a Ringfence demo runs in ${demo.directory} (process ${demo.pid})`,
      {
        remedy: `Stop it with Ctrl-C in its terminal or with "kill ${demo.pid}", or ${elsewhere}`,
      },
    );
  }
  return new CliError(
    'refused',
    `port ${port} is in use by process ${owner.pid}: ${owner.args.join(' ').slice(0, 200)}`,
    {
      remedy: `Stop it, or ${elsewhere}`,
    },
  );
}
