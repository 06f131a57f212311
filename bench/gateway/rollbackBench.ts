import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareOrder, BareWord } from './bareOrder.ts';
import type { CrowdOrder, CrowdWord } from './crowdOrder.ts';
import { GatewayUnderTest } from './gatewayUnderTest.ts';
import { Ordered } from './ordered.ts';

const BARE_SERVER = new URL('./bareServer.ts', import.meta.url);
const CROWD = new URL('./crowd.ts', import.meta.url);

export interface RollbackOptions {
  readonly agents: number;
  readonly runs: number;
  readonly tls: boolean;
  readonly print: (line: string) => void;
}

export interface RollbackFigures {
  readonly agents: number;
  readonly tls: boolean;
  readonly bareMs: readonly number[];
  readonly rollbackMs: readonly number[];
}

/** The median time of a rollback as a multiple of the median time of a bare broadcast. */
export function ratioOf({ rollbackMs, bareMs }: RollbackFigures): number {
  return median(rollbackMs) / median(bareMs);
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** How long a rollback takes from the order until every agent's word is counted, and a bare broadcast with acknowledgements, in turns. */
export async function rollbackBench({ agents, runs, tls, print }: RollbackOptions): Promise<RollbackFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  try {
    const certificate = tls ? makeCertificate(folder) : null;
    const bareMs: number[] = [];
    const rollbackMs: number[] = [];
    {
      using bare = new Ordered<BareOrder, BareWord>(BARE_SERVER);
      bare.send({ order: 'start', tls: certificate });
      const { port } = await bare.next('listens');
      using crowd = new Ordered<CrowdOrder, CrowdWord>(CROWD);
      crowd.send(connectOrder('bare', agents, `ws${tls ? 's' : ''}://127.0.0.1:${port}/`, 'none', certificate?.cert));
      await crowd.next('connected');
      for (let run = 0; run <= runs; run++) {
        bare.send({ order: 'broadcast' });
        const { ms } = await bare.next('acked');
        if (run > 0) bareMs.push(ms);
        print(`  bare broadcast ${run === 0 ? '(first, not counted) ' : ''}${ms.toFixed(0)} ms`);
      }
    }
    await using gateway = await GatewayUnderTest.start(folder, certificate === null ? null : folder);
    using crowd = new Ordered<CrowdOrder, CrowdWord>(CROWD);
    await gateway.prepare();
    crowd.send(connectOrder('opamp', agents, gateway.opampUrl, await gateway.agentToken(), certificate?.cert));
    await crowd.next('connected');
    await gateway.until('every agent to be known', async () => (await gateway.connected()) === agents);
    for (let run = 0; run <= runs; run++) {
      const id = await gateway.rollForward(run, agents);
      const ms = await gateway.rollBack(id);
      if (run > 0) rollbackMs.push(ms);
      print(`  rollback ${run === 0 ? '(first, not counted) ' : ''}${ms.toFixed(0)} ms`);
    }
    return { agents, tls, bareMs, rollbackMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function connectOrder(
  speaks: 'opamp' | 'bare',
  agents: number,
  url: string,
  token: string,
  ca: string | undefined,
): CrowdOrder {
  const about = {
    service: 'fleet',
    slot: 'config/fleet',
    metrics: ['requests', 'failures'],
    from: 0,
    at: 1_700_000_000_000,
  };
  return { order: 'connect', speaks, url, token, agents, ...about, ...(ca === undefined ? {} : { ca }) };
}

function makeCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}
