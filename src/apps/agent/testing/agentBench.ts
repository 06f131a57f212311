import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../adapters/clock/systemClock.ts';
import { eventually } from '../../../adapters/driver/testing/eventually.ts';
import { startTinyService, type TinyService } from '../../../adapters/driver/testing/startTinyService.ts';
import { systemEntropy } from '../../../adapters/entropy/systemEntropy.ts';
import { type OpampServer, startOpampServer } from '../../../adapters/link/server/opampServer.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { Agent } from '../../../engine/agent/agent.ts';
import type { SlotReport } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import type { AgentSpec } from '../../../wire/manifest/agent.ts';
import type { ConfigSlot } from '../../../wire/manifest/slot/configSlot.ts';
import { type AgentParts, startAgent } from '../startAgent.ts';
import { BenchFleet, SLOT } from './benchFleet.ts';

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What the service is told to be, by name. Each is another file. */
export const FILES = {
  old: '{ "version": 1 }',
  good: '{ "version": 2 }',
  better: '{ "version": 3 }',
  best: '{ "version": 4 }',
  finest: '{ "version": 5 }',
  sick: '{ "sick": true }',
  dies: '{ "dies": true }',
  hangs: '{ "hangs": true }',
  deaf: '{ "deaf": true }',
  failing: '{ "fails": 2 }',
} as const;
export type FileName = keyof typeof FILES;

export const digestOf = (bytes: string): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
export const DIGESTS = Object.fromEntries(
  Object.entries(FILES).map(([name, text]) => [name, digestOf(text)]),
) as Readonly<Record<FileName, Digest>>;

/** One target with a real service, and a real server over a fleet that tests command. Everything ends with the test. */
export interface AgentBench {
  readonly folder: string;
  readonly file: string;
  readonly pidFile: string;
  readonly fleet: BenchFleet;
  service: TinyService;
  server: OpampServer;
  spec: AgentSpec;
  /** What is in the file, by the name of {@link FILES}; `absent`; or its text. */
  inFile(): string;
  /** What the service says it runs with, likewise. */
  running(): Promise<string>;
  startAgent(parts?: Partial<AgentParts>): Promise<Agent>;
  startService(): Promise<void>;
  /** The file as it was at first. */
  reset(): void;
  /** Makes the service read its file. */
  reload(): Promise<void>;
  /** Gives the service less time to show what it holds: for those that will not. */
  hurry(): void;
  /** What the agent's file says of its slot. */
  readonly slot: ConfigSlot;
  startServer(): Promise<void>;
  /** Waits until the server has been told this of the slot, and gives it back. */
  reported(what: string, test: (slot: SlotReport) => boolean): Promise<SlotReport>;
}

export async function agentBench(
  test: TestContext,
  text: string | null = FILES.old,
  folder = mkdtempSync(join(tmpdir(), 'ringfence-agent-')),
): Promise<AgentBench> {
  const agents: Agent[] = [];
  const file = join(folder, 'shop.json');
  const pidFile = join(folder, 'shop.pid');
  if (text !== null) writeFileSync(file, text);
  writeFileSync(join(folder, 'token'), 'a-token\n');
  const fleet = new BenchFleet(
    systemClock,
    Object.entries(FILES).map(([name, bytes]) => [DIGESTS[name as FileName], Buffer.from(bytes)]),
  );
  const serve = (port: number) =>
    startOpampServer({ host: '127.0.0.1', port, fleet, clock: systemClock, entropy: systemEntropy, logger: SILENT });
  const service = await startTinyService(file, pidFile);
  const server = await serve(0);
  const { port } = server;
  const bench: AgentBench = {
    folder,
    file,
    pidFile,
    fleet,
    service,
    server,
    spec: {
      name: 'shop-1',
      server: `ws://127.0.0.1:${port}/v1/opamp`,
      tokenFile: join(folder, 'token'),
      directory: join(folder, 'state'),
      service: 'shop',
      role: 'web',
      labels: { ring: 'canary' },
      slots: {
        [SLOT]: {
          kind: 'config',
          file,
          mode: null,
          owner: null,
          validate: null,
          reload: { kind: 'signal', signal: 'SIGHUP', pidFile },
          restart: null,
          verify: { kind: 'http', url: `${service.url}/config`, sha256Field: 'held.digest', withinMs: 20_000 },
          watchForMs: 30_000,
        },
      },
      trust: { keys: [], keysFile: null },
      guard: { neverFirst: false },
      checks: [
        {
          name: 'alive',
          probe: { kind: 'http', url: `${service.url}/health`, status: 200 },
          everyMs: 50,
          timeoutMs: 1_000,
          failures: 2,
        },
      ],
      metrics: { url: `${service.url}/metrics`, everyMs: 50 },
    },
    inFile: () => (existsSync(file) ? named(readFileSync(file, 'utf8')) : 'absent'),
    async running() {
      const answer = (await (await fetch(`${bench.service.url}/config`)).json()) as {
        readonly held: { readonly digest: string | null };
      };
      const { digest } = answer.held;
      return digest === null ? 'absent' : (NAMES.get(`sha256:${digest}`) ?? digest);
    },
    async startAgent(parts = {}) {
      const agent = await startAgent(bench.spec, SILENT, parts);
      agents.push(agent);
      return agent;
    },
    reset() {
      if (text === null) rmSync(file, { force: true });
      else writeFileSync(file, text);
    },
    async reload() {
      await (await fetch(`${bench.service.url}/reload`)).arrayBuffer();
    },
    get slot() {
      const slot = bench.spec.slots[SLOT];
      if (slot?.kind !== 'config') throw new Error(`${SLOT} is no config slot here`);
      return slot;
    },
    hurry() {
      const { slot } = bench;
      if (slot.verify === null) return;
      const hurried = { ...slot, verify: { ...slot.verify, withinMs: 1_000 } };
      bench.spec = { ...bench.spec, slots: { ...bench.spec.slots, [SLOT]: hurried } };
    },
    async startService() {
      bench.service = await startTinyService(file, pidFile, bench.service.port);
    },
    async startServer() {
      bench.server = await serve(port);
    },
    async reported(what, isIt) {
      try {
        return await eventually(what, () => (fleet.slot !== undefined && isIt(fleet.slot) ? fleet.slot : null));
      } catch (error) {
        throw new Error(`never reported: ${what}; last was ${JSON.stringify(fleet.slot)}`, { cause: error });
      }
    },
  };
  test.after(async () => {
    await Promise.all(agents.map((agent) => agent.stop().catch(() => {})));
    await bench.server.close();
    await bench.service.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return bench;
}

const NAMES = new Map<string, string>(Object.entries(DIGESTS).map(([name, digest]) => [digest, name]));

function named(text: string): string {
  return NAMES.get(digestOf(text)) ?? text;
}
