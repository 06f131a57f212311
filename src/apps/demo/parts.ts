import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getReadiness } from '../../wire/http/health.ts';
import { issueToken } from '../../wire/http/token.ts';
import { ApiClient } from '../cli/apiClient.ts';
import type { DemoDirectory } from './demoDirectory.ts';
import type { DemoPorts } from './demoPorts.ts';
import { eventually } from './eventually.ts';
import { FLEET, type Instance, REGIONS } from './fleetLayout.ts';
import { PROGRAMS } from './programs.ts';
import type { RunningShop } from './runningFleet.ts';
import { layOutShop, shopFiles, shopPort, writeAgentConfig } from './shopFiles.ts';
import type { Supervisor } from './supervisor.ts';

/** A small young generation and few threads: a shop then lives in some 20 MB of its own, beside what all of them share. */
const SHOP_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=64', '--v8-pool-size=1'];
/** For the control plane and the agents: it halves what so small a fleet makes them hold. */
const FLEET_FLAGS = ['--max-semi-space-size=2', '--v8-pool-size=1'];
/** Shops that start at the same time: a laptop has few processors. */
const AT_A_TIME = 4;

export interface ControlPlane {
  readonly server: string;
  readonly opamp: string;
  readonly adminToken: string;
  readonly api: ApiClient;
}

/** `ringfence server`, as anybody starts it. Resolves when it can carry out commands. */
export async function startControlPlane(
  supervisor: Supervisor,
  directory: DemoDirectory,
  { port, opampPort }: DemoPorts,
): Promise<ControlPlane> {
  const server = `http://127.0.0.1:${port}`;
  supervisor.start({
    name: 'server',
    file: PROGRAMS.cli,
    nodeFlags: FLEET_FLAGS,
    args: [
      'server',
      '--data',
      directory.data,
      '--port',
      `${port}`,
      '--opamp-port',
      `${opampPort}`,
      '--anonymous-viewer',
      '--admin-token-file',
      directory.adminTokenFile,
    ],
  });
  const anyone = new ApiClient({ server, serverFrom: 'the demo', token: null });
  await eventually('the control plane', supervisor.ended, async () => {
    try {
      const { ready } = await anyone.call(getReadiness, {}, 2000);
      return ready && existsSync(directory.adminTokenFile) ? ready : null;
    } catch {
      return null;
    }
  });
  const adminToken = readFileSync(directory.adminTokenFile, 'utf8').trim();
  return {
    server,
    opamp: `ws://127.0.0.1:${opampPort}/v1/opamp`,
    adminToken,
    api: new ApiClient({ server, serverFrom: 'the demo', token: adminToken }),
  };
}

/** All shops, each a process; the first alone, so that the others find compiled what it has compiled. */
export async function startShops(
  supervisor: Supervisor,
  directory: DemoDirectory,
  started: (count: number) => void,
): Promise<readonly RunningShop[]> {
  const shops: RunningShop[] = [];
  const [first = [], ...others] = inGroups(FLEET);
  for (const group of [first.slice(0, 1), first.slice(1), ...others]) {
    shops.push(...(await Promise.all(group.map((instance) => startShop(supervisor, directory, instance)))));
    started(shops.length);
  }
  return shops;
}

function inGroups(fleet: readonly Instance[]): readonly (readonly Instance[])[] {
  return Array.from({ length: Math.ceil(fleet.length / AT_A_TIME) }, (_, index) =>
    fleet.slice(index * AT_A_TIME, (index + 1) * AT_A_TIME),
  );
}

async function startShop(supervisor: Supervisor, directory: DemoDirectory, instance: Instance): Promise<RunningShop> {
  const { name, role } = instance;
  const files = shopFiles(directory, name);
  layOutShop(files);
  supervisor.start({
    name: `shop-${name}`,
    file: PROGRAMS.shop,
    nodeFlags: SHOP_FLAGS,
    args: [
      '--role',
      role,
      '--name',
      name,
      '--config',
      files.config,
      '--port-file',
      files.portFile,
      '--pid-file',
      files.pidFile,
      '--seed',
      `${FLEET.indexOf(instance) + 1}`,
    ],
    env: { UV_THREADPOOL_SIZE: '1' },
  });
  return { instance, files, port: await eventually(`the shop ${name}`, supervisor.ended, () => shopPort(files)) };
}

/** One `ringfence agent` for each region, with the eight agents of that region in it. */
export async function startAgents(
  supervisor: Supervisor,
  directory: DemoDirectory,
  { api, opamp }: ControlPlane,
  shops: readonly RunningShop[],
): Promise<void> {
  const { secret } = await api.call(issueToken, { body: { role: 'agent', name: 'agents of the demo' } });
  writeFileSync(directory.agentTokenFile, `${secret}\n`, { mode: 0o600 });
  for (const { instance, files, port } of shops) {
    writeAgentConfig(files, instance, { port, opamp, tokenFile: join('..', '..', 'agent.token') });
  }
  for (const region of REGIONS) {
    const here = shops.filter(({ instance }) => instance.region === region);
    supervisor.start({
      name: `agents-${region}`,
      file: PROGRAMS.cli,
      nodeFlags: FLEET_FLAGS,
      args: ['agent', ...here.flatMap(({ files }) => ['--config', files.agentConfig])],
    });
  }
}
