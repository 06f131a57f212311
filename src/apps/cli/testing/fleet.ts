import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';
import { type CliSettings, cliEnv, type Finished, MAIN, runCli, startCli, temporaryFolder } from './runCli.ts';

/** A control plane in a folder of its own, as a process, and whoever speaks to it. */
export interface TestServer extends AsyncDisposable {
  readonly folder: string;
  readonly http: string;
  readonly opamp: string;
  readonly adminToken: string;
  /** Runs the command against it. */
  run(args: readonly string[], settings?: CliSettings): Promise<Finished>;
  /** The same, read as JSON; it must have gone well. */
  json<T>(args: readonly string[]): Promise<T>;
  /** Starts the command against it. */
  start(args: readonly string[]): ReturnType<typeof startCli>;
  env(): Record<string, string>;
  /** Ends the process as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again where it was, on the same ports. */
  restart(): Promise<void>;
}

interface Ready {
  readonly http: string;
  readonly opamp: string;
  readonly adminToken: string | null;
}

/** `more`: arguments of the server, from the path of its folder. */
export async function startTestServer(more: (folder: string) => readonly string[] = () => []): Promise<TestServer> {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  const cache = { XDG_CACHE_HOME: join(folder.path, 'cache') };
  const spawnServer = async (http: string, opamp: string): Promise<Ready> => {
    const args = [
      'server',
      '--data',
      join(folder.path, 'data'),
      '--http',
      http,
      '--opamp',
      opamp,
      '--log-level',
      'silent',
      '--json',
      ...more(folder.path),
    ];
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder.path,
      env: cliEnv(folder.path, cache),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Ready;
    throw new Error('the server ended before it was ready');
  };
  const ready = await spawnServer('127.0.0.1:0', '127.0.0.1:0');
  const adminToken = ready.adminToken ?? '';
  const env = () => ({ ...cache, RINGFENCE_SERVER: ready.http, RINGFENCE_TOKEN: adminToken });
  const settings = (given: CliSettings = {}) => ({ cwd: folder.path, ...given, env: { ...env(), ...given.env } });
  const run = (args: readonly string[], given?: CliSettings) => runCli(args, settings(given));
  const kill = async () => {
    await ended(children.pop(), 'SIGKILL');
  };
  return {
    folder: folder.path,
    http: ready.http,
    opamp: ready.opamp,
    adminToken,
    run,
    env,
    start: (args) => startCli(args, settings()),
    json: async <T>(args: readonly string[]) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      if (code !== 0) throw new Error(`ringfence ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    kill,
    restart: async () => {
      await spawnServer(new URL(ready.http).host, new URL(ready.opamp).host);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map((child) => ended(child, 'SIGTERM')));
      folder[Symbol.dispose]();
    },
  };
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

const STAGES = (promote: 'auto' | 'manual') => `
    - { name: canary, targets: { ring: canary }, bake: { minimum: 100ms }, promote: ${promote} }
    - { name: broad, targets: { ring: broad }, waves: [1, 100%], bake: { minimum: 100ms } }`;

const MANIFESTS = (promote: 'auto' | 'manual') => `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: shop }
spec:
  roles: { web: {} }
  slots:
    config/shop: { roles: [web], schema: { type: object, required: [size] } }
  metrics:
    requests: { counter: requests_total }
    failures: { counter: 'requests_total{code="500"}' }
---
apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  errorBudget: 0.01
  stages:${STAGES(promote)}
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.2 }
---
${changeManifest('first', '{"size": 1}')}`;

export function changeManifest(name: string, content: string): string {
  return `apiVersion: ringfence.dev/v1
kind: Change
metadata: { name: ${name} }
spec:
  service: shop
  reason: a test
  slots:
    config/shop: { content: ${JSON.stringify(content)} }
`;
}

const RINGS = ['canary', 'broad', 'broad'];

/** The service, its pipeline and a change called `first` are registered, and a real agent for each of three targets is connected. */
export async function startFleet(server: TestServer, promote: 'auto' | 'manual'): Promise<AsyncDisposable> {
  await server.run(['apply', '-f', '-'], { stdin: MANIFESTS(promote) }).then(mustGoWell);
  await server
    .run(['token', 'create', '--role', 'agent', '--name', 'agents', '--output', 'agent.token'])
    .then(mustGoWell);
  const service = await startService();
  const configs = RINGS.map((ring, index) => {
    const folder = join(server.folder, `target-${index + 1}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'shop.json'), '{"size": 0}');
    const manifest = {
      apiVersion: 'ringfence.dev/v1',
      kind: 'Agent',
      metadata: { name: `shop-${index + 1}` },
      spec: {
        server: server.opamp,
        tokenFile: join(server.folder, 'agent.token'),
        directory: './state',
        service: 'shop',
        role: 'web',
        labels: { ring },
        slots: { 'config/shop': { file: './shop.json' } },
        metrics: { url: service.url, every: '100ms' },
      },
    };
    writeFileSync(join(folder, 'agent.yaml'), JSON.stringify(manifest));
    return join(folder, 'agent.yaml');
  });
  const args = ['agent', ...configs.flatMap((file) => ['--config', file])];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: server.folder,
    env: cliEnv(server.folder, server.env()),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (piece) => {
    said += piece;
  });
  await eventually('three connected targets', async () => {
    if (child.exitCode !== null) throw new Error(`the agents ended: ${said}`);
    const { items } = await server.json<{ items: { connected: boolean }[] }>(['get', 'targets', '--connected']);
    return items.length === RINGS.length;
  });
  await eventually('a plan that nothing refuses', async () => (await server.run(['plan', 'first'])).code === 0);
  return {
    [Symbol.asyncDispose]: async () => {
      await ended(child, 'SIGTERM');
      service.close();
    },
  };
}

/** A busy service without a failure, as its counters tell: two thousand requests a second from when it started. */
async function startService(): Promise<{ readonly url: string; close(): void }> {
  const startedAt = performance.now();
  const server = createServer((_request, response) => {
    const requests = Math.floor((performance.now() - startedAt) * 2);
    response.end(
      `# TYPE requests_total counter\nrequests_total{code="200"} ${requests}\nrequests_total{code="500"} 0\n`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function mustGoWell({ code, stderr }: Finished): void {
  if (code !== 0) throw new Error(stderr);
}
