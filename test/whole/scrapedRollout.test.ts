import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Gauge, Histogram, Registry } from 'prom-client';
import { until } from '../../src/adapters/source/testing/realServer.ts';
import { startTestServer, type TestServer } from '../../src/apps/cli/testing/fleet.ts';
import { cliEnv, MAIN } from '../../src/apps/cli/testing/runCli.ts';
import type { VerdictBody } from '../../src/wire/http/verdict.ts';

/*
 * Rollouts that are judged by what agents read on their services' pages, counters left aside: a quantile of a histogram, the mean of a
 * gauge, and a local check. Server and agents are real processes; the services are kept by prom-client and do what their file says.
 */

const MANIFESTS = `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: shop }
spec:
  roles: { web: {} }
  slots: { config/shop: {} }
  metrics:
    latency: { histogram: latency_seconds }
    open: { gauge: open }
    alive: { check: alive }
---
apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  window: 1s
  rehearse: false
  stages:
    - { name: canary, targets: { ring: canary }, bake: { minimum: 3s } }
    - { name: broad, targets: { ring: broad }, bake: { minimum: 3s } }
  checks:
    - { name: slow, kind: quantile, metric: latency, quantile: 0.9, margin: { relative: 0.5 } }
    - { name: crowded, kind: mean, metric: open, margin: { relative: 0.5 } }
    - { name: unwell, kind: health, metric: alive, margin: 0.3 }
`;

const RINGS = ['canary', 'canary', 'broad', 'broad', 'broad', 'broad'];

/** How many times as slow, and as crowded, the service is. */
interface Behaviour {
  readonly slow?: number;
  readonly crowded?: number;
}

interface Rollout {
  readonly rollout: { readonly id: string; readonly phase: string; readonly stage: number };
  readonly verdicts: readonly VerdictBody[];
}

/** A service with latencies about a tenth of a second. Each look at its page sees some more of them. */
async function startService(file: string, seed: number): Promise<{ readonly url: string; close(): void }> {
  const registry = new Registry();
  const buckets = Array.from({ length: 24 }, (_, index) => 0.02 * 1.25 ** index);
  const latency = new Histogram({ name: 'latency_seconds', help: 'How long.', buckets, registers: [registry] });
  const open = new Gauge({ name: 'open', help: 'Under way.', registers: [registry] });
  let state = seed;
  const chance = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const server = createServer(async (_request, response) => {
    const { slow = 1, crowded = 1 } = JSON.parse(readFileSync(file, 'utf8')) as Behaviour;
    for (let count = 0; count < 40; count++) latency.observe(slow * 0.1 * Math.exp(chance() + chance() - 1));
    open.set(crowded * (18 + 4 * chance()));
    response.end(await registry.metrics());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a rollout that is judged by what agents read', () => {
  let server: TestServer;
  let endAgents = async () => {};
  const services: { close(): void }[] = [];

  before(async () => {
    server = await startTestServer();
    await server
      .run(['apply', '-f', '-'], { stdin: MANIFESTS })
      .then(({ code, stderr }) => assert.equal(code, 0, stderr));
    await server.run(['token', 'create', '--role', 'agent', '--name', 'agents', '--output', 'agent.token']);
    const configs: string[] = [];
    for (const [index, ring] of RINGS.entries()) {
      const folder = join(server.folder, `target-${index + 1}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'shop.json'), '{}');
      const service = await startService(join(folder, 'shop.json'), index + 7);
      services.push(service);
      const spec = {
        ...{ server: server.opamp, tokenFile: join(server.folder, 'agent.token'), directory: './state' },
        ...{ service: 'shop', role: 'web', labels: { ring }, slots: { 'config/shop': { file: './shop.json' } } },
        checks: [{ name: 'alive', http: { url: service.url }, every: '200ms', failures: 3 }],
        metrics: { url: service.url, every: '200ms' },
      };
      const manifest = { apiVersion: 'ringfence.dev/v1', kind: 'Agent', metadata: { name: `shop-${index + 1}` }, spec };
      writeFileSync(join(folder, 'agent.yaml'), JSON.stringify(manifest));
      configs.push('--config', join(folder, 'agent.yaml'));
    }
    const agents = spawn(process.execPath, [MAIN, 'agent', ...configs], {
      cwd: server.folder,
      env: cliEnv(server.folder, server.env()),
      stdio: 'ignore',
    });
    endAgents = async () => {
      if (agents.exitCode !== null) return;
      const gone = new Promise((resolve) => agents.once('exit', resolve));
      agents.kill('SIGKILL');
      await gone;
    };
  });
  after(async () => {
    await endAgents();
    for (const service of services) service.close();
    await server?.[Symbol.asyncDispose]();
  });

  /** Rolls it out, and waits for how it ends. */
  async function ended(name: string, behaviour: Behaviour): Promise<Rollout> {
    const content = JSON.stringify({ ...behaviour, name });
    const spec = { service: 'shop', reason: 'a test', slots: { 'config/shop': { content } } };
    const change = { apiVersion: 'ringfence.dev/v1', kind: 'Change', metadata: { name }, spec };
    await server.run(['apply', '-f', '-'], { stdin: JSON.stringify(change) });
    const refused = async () => (await server.run(['plan', name])).stdout;
    await until('a plan that nothing refuses', async () => (await server.run(['plan', name])).code === 0, refused);
    const { id } = (await server.json<Rollout>(['rollout', 'start', name])).rollout;
    let last: Rollout | undefined;
    const becomes = (what: string, wanted: (found: Rollout) => boolean) =>
      until(
        `${id} to be ${what}`,
        async () => {
          last = await server.json<Rollout>(['rollout', 'show', id]);
          return wanted(last) && last;
        },
        () => [last?.rollout, last?.verdicts.map(({ check, outcome, says }) => [check, outcome, says])],
      );
    const isOver = ({ rollout }: Rollout) => rollout.phase === 'completed' || rollout.phase === 'rolledBack';
    await becomes('through its first stage', (found) => isOver(found) || found.rollout.stage > 0);
    return becomes('over', isOver);
  }
  const failed = ({ verdicts }: Rollout) =>
    verdicts.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check);

  test('nothing is worse: it goes to its end', async () => {
    const { rollout, verdicts } = await ended('same', {});
    assert.equal(rollout.phase, 'completed', JSON.stringify(verdicts));
  });

  test('the slowest are slower, as a histogram shows: it goes back from the first stage', async () => {
    const found = await ended('slower', { slow: 3 });
    assert.deepEqual([found.rollout.phase, found.rollout.stage, failed(found)], ['rolledBack', 0, ['slow']]);
  });

  test('more is under way, as a gauge shows: it goes back from the first stage', async () => {
    const found = await ended('fuller', { crowded: 3 });
    assert.deepEqual([found.rollout.phase, found.rollout.stage, failed(found)], ['rolledBack', 0, ['crowded']]);
  });

  test('law 16: what is asked for as something else than it is, or misspelt, is refused by the plan in so many words', async () => {
    const named = (found: string) =>
      server.run(['apply', '-f', '-'], { stdin: MANIFESTS.replace('gauge: open', found) });
    for (const [written, says] of [
      [
        'gauge: latency_seconds_count',
        'latency_seconds_count is a counter: write counter: latency_seconds_count, or name a gauge',
      ],
      ['gauge: opne', 'did you mean "open"?'],
      ['gauge: open{zone="eu"}', 'there is open, but no series of it with all the labels that are asked for'],
    ] as const) {
      await named(written.replace(/(gauge: )(.*)/, "$1'$2'"));
      await until(`${written} to be refused`, async () => {
        const { stdout, stderr } = await server.run(['plan', 'same']);
        return (stdout + stderr).replace(/\s+/g, ' ').includes(says);
      });
    }
  });

  test('law 2: pages that nobody can read are a fault, which the plan says', async () => {
    await server.run(['apply', '-f', '-'], { stdin: MANIFESTS });
    for (const service of services) service.close();
    let said = '';
    await until(
      'the plan to say so',
      async () => {
        const { stdout, stderr } = await server.run(['plan', 'same']);
        said = (stdout + stderr).replace(/\s+/g, ' ');
        return /the metrics page cannot be read on any of its 6 targets \(shop-\d: GET http:\S+ .*ECONNREFUSED/.test(
          said,
        );
      },
      () => said,
    );
  });
});
