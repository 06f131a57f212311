import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

const CLI = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url));

/** A real server, and a real agent for each of two rings, whose services have traffic and no failures. */
export class RingStand {
  static readonly RINGS = ['canary', 'broad'] as const;
  readonly folder: string;
  readonly #t: TestContext;
  #ready: Ready | null = null;

  constructor(t: TestContext) {
    this.#t = t;
    this.folder = temporaryFolder(t);
  }

  get http(): string | undefined {
    return this.#ready?.http;
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer({ http: this.#ready?.http, token: this.#ready?.adminToken }, method, path, body);
  }

  async apply(kind: string, name: string, spec: object): Promise<void> {
    const document = { apiVersion: 'ringfence.dev/v1', kind, metadata: { name }, spec };
    const { status, body } = await this.call('POST', '/v1/manifests', { documents: [document] });
    assert.equal(status, 200, JSON.stringify(body));
  }

  /** `agentSlots`: what stands under `slots` in the file of the agent of that ring, whose folder this is. */
  async prepare(slots: object, agentSlots: (ring: string, home: string) => object): Promise<void> {
    this.#ready = await startServerProcess(this.#t, join(this.folder, 'data')).ready();
    const bake = { minimum: '1s', exposure: { metric: 'requests', atLeast: 400 }, deadline: '20m' };
    const stages = RingStand.RINGS.map((ring) => ({ name: ring, targets: { ring }, bake, applyDeadline: '1m' }));
    await this.apply('Service', 'shop', {
      roles: { api: {} },
      slots,
      metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
    });
    const check = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', margin: 0.02 };
    const checks = [{ ...check, failures: 'failures', total: 'requests' }];
    await this.apply('Pipeline', 'shop', { service: 'shop', rehearse: false, stages, checks });
    const token = await this.call<{ secret: string }>('POST', '/v1/tokens', { role: 'agent', name: 'fleet' });
    const metrics = { url: await this.#startTraffic(), every: '250ms' };
    const configs: string[] = [];
    for (const ring of RingStand.RINGS) {
      const home = join(this.folder, ring);
      mkdirSync(home);
      writeFileSync(join(home, 'token'), token.body.secret);
      const spec = {
        server: this.#ready.opamp,
        tokenFile: './token',
        directory: './state',
        service: 'shop',
        role: 'api',
        labels: { ring },
        slots: agentSlots(ring, home),
        metrics,
      };
      const document = { apiVersion: 'ringfence.dev/v1', kind: 'Agent', metadata: { name: `shop-${ring}` }, spec };
      writeFileSync(join(home, 'agent.yaml'), JSON.stringify(document));
      configs.push('--config', join(home, 'agent.yaml'));
    }
    const agents = spawn(process.execPath, [CLI, 'agent', ...configs], { stdio: 'ignore' });
    this.#t.after(() => agents.kill('SIGKILL'));
  }

  /** Registers a change and starts it as soon as the fleet can be measured. */
  async roll(name: string, slots: Readonly<Record<string, string>>): Promise<string> {
    const contents = Object.fromEntries(Object.entries(slots).map(([slot, content]) => [slot, { content }]));
    await this.apply('Change', name, { service: 'shop', reason: `roll out ${name}`, slots: contents });
    let said = '';
    return until(`${name} starts`, async () => {
      const { status, body } = await this.call<{ rollout: { id: string } }>('POST', '/v1/rollouts', { change: name });
      said = JSON.stringify(body);
      return status === 201 && body.rollout.id;
    }).catch((error: Error) => assert.fail(`${error.message}; ${said}`));
  }

  async ended(id: string): Promise<string> {
    return until(`${id} ends`, async () => {
      const { body } = await this.call<{ rollout: { phase: string } }>('GET', `/v1/rollouts/${id}`);
      return (body.rollout.phase === 'completed' || body.rollout.phase === 'rolledBack') && body.rollout.phase;
    }).catch(async (error: Error) => {
      const { body } = await this.call<{ says: string; tally: unknown; verdicts: unknown }>(
        'GET',
        `/v1/rollouts/${id}`,
      );
      assert.fail(`${error.message}; ${body.says} ${JSON.stringify([body.tally, body.verdicts])}`);
    });
  }

  async #startTraffic(): Promise<string> {
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 200;
      response.end(`requests_total ${requests}\nfailures_total 0\n`);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    this.#t.after(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  }
}
