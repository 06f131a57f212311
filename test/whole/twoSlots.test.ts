import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { agentPaths, readRecord } from '../../src/adapters/agentdisk/agentDirectory.ts';
import type { Slot } from '../../src/core/agent/slot.ts';
import { readSlotRecord } from '../../src/engine/agent/slotRecord.ts';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

/*
 * Law 7: a change that touches two slots of its targets is one set. A real server and real agents, an agent killed with SIGKILL among them:
 * whatever becomes of one slot becomes of the other, and a rollback is done when both are back.
 */

const CLI = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url));
const RINGS = ['canary', 'broad'];

interface View {
  readonly rollout: { readonly id: string; readonly phase: string };
  readonly tally: { readonly failures: readonly { readonly code: string; readonly says: string }[] };
}

/** A service that says what it holds of its first file, and never takes up one that is bad. */
async function startService(t: TestContext, file: string): Promise<string> {
  let requests = 0;
  let held = readFileSync(file);
  const server = createServer((request, response) => {
    requests += 200;
    // The last ones ask when the test is over and the file is gone.
    const now = existsSync(file) ? readFileSync(file) : held;
    if (!now.includes('bad')) held = now;
    const digest = createHash('sha256').update(held).digest('hex');
    response.end(
      request.url === '/config' ? JSON.stringify({ digest }) : `requests_total ${requests}\nfailures_total 0\n`,
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Stand {
  readonly #t: TestContext;
  readonly #folder: string;
  readonly #configs: string[] = [];
  readonly #files: string[] = [];
  #ready: Ready | null = null;
  agents: ChildProcess | null = null;

  constructor(t: TestContext) {
    this.#t = t;
    this.#folder = temporaryFolder(t);
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer({ http: this.#ready?.http, token: this.#ready?.adminToken }, method, path, body);
  }

  async apply(kind: string, name: string, spec: object): Promise<void> {
    const document = { apiVersion: 'ringfence.dev/v1', kind, metadata: { name }, spec };
    const { status, body } = await this.call('POST', '/v1/manifests', { documents: [document] });
    assert.equal(status, 200, JSON.stringify(body));
  }

  async prepare(minimum = '1s'): Promise<void> {
    this.#ready = await startServerProcess(this.#t, join(this.#folder, 'data')).ready();
    const bake = { minimum, exposure: { metric: 'requests', atLeast: 400 }, deadline: '20m' };
    const stages = RINGS.map((ring) => ({ name: ring, targets: { ring }, waves: ['100%'], bake, applyDeadline: '1m' }));
    await this.apply('Service', 'shop', {
      roles: { api: {} },
      slots: { 'config/shop': {}, 'config/till': {} },
      metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
    });
    const check = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', margin: 0.02 };
    await this.apply('Pipeline', 'shop', {
      service: 'shop',
      rehearse: false,
      stages,
      checks: [{ ...check, failures: 'failures', total: 'requests' }],
    });
    const token = await this.call<{ secret: string }>('POST', '/v1/tokens', { role: 'agent', name: 'fleet' });
    for (const [index, ring] of RINGS.entries()) await this.#addTarget(index, ring, token.body.secret);
    this.startAgents();
  }

  async #addTarget(index: number, ring: string, token: string): Promise<void> {
    const home = join(this.#folder, `target-${index}`);
    mkdirSync(home);
    const files = ['shop.json', 'till.json'].map((name) => join(home, name));
    for (const file of files) writeFileSync(file, 'old');
    writeFileSync(join(home, 'token'), token);
    const url = await startService(this.#t, files[0] ?? '');
    const verify = { http: { url: `${url}/config`, sha256Field: 'digest' }, within: '1s' };
    const spec = {
      server: this.#ready?.opamp,
      tokenFile: './token',
      directory: './state',
      service: 'shop',
      role: 'api',
      labels: { ring },
      slots: { 'config/shop': { file: './shop.json', verify }, 'config/till': { file: './till.json' } },
      metrics: { url: `${url}/metrics`, every: '250ms' },
    };
    const config = join(home, 'agent.yaml');
    const document = { apiVersion: 'ringfence.dev/v1', kind: 'Agent', metadata: { name: `shop-${index}` }, spec };
    writeFileSync(config, JSON.stringify(document));
    this.#files.push(...files);
    this.#configs.push('--config', config);
  }

  startAgents(): void {
    const agents = spawn(process.execPath, [CLI, 'agent', ...this.#configs], { stdio: 'ignore' });
    this.agents = agents;
    this.#t.after(() => agents.kill('SIGKILL'));
  }

  async killAgents(): Promise<void> {
    const { agents } = this;
    if (agents === null) return;
    const ended = once(agents, 'exit');
    agents.kill('SIGKILL');
    await ended;
  }

  /** Registers a change of both slots and starts it as soon as the fleet can be measured. */
  async roll(name: string, shop: string): Promise<string> {
    const contents = { 'config/shop': { content: shop }, 'config/till': { content: 'new' } };
    await this.apply('Change', name, { service: 'shop', reason: 'to see both', slots: contents });
    return until(`${name} starts`, async () => {
      const { status, body } = await this.call<View>('POST', '/v1/rollouts', { change: name });
      return status === 201 && body.rollout.id;
    });
  }

  async ended(id: string): Promise<string> {
    return until(`${id} ends`, async () => {
      const { phase } = (await this.call<View>('GET', `/v1/rollouts/${id}`)).body.rollout;
      return (phase === 'completed' || phase === 'rolledBack') && phase;
    });
  }

  /** What the canary's agent has written down of a slot. */
  async record(slot: string): Promise<Slot | null> {
    const text = await readRecord(agentPaths(join(this.#folder, 'target-0', 'state')), slot);
    const read = text === null ? null : readSlotRecord(text);
    return read?.ok ? read.value : null;
  }

  /** What is in every file: of each target the first slot, then the second. */
  get held(): readonly string[] {
    return this.#files.map((file) => readFileSync(file, 'utf8'));
  }
}

test('law 7: one slot fails at verify: the other goes back with it, and so does the whole rollout', {
  timeout: 120_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  const id = await stand.roll('half-bad', 'bad');
  assert.equal(await stand.ended(id), 'rolledBack');
  assert.deepEqual(stand.held, ['old', 'old', 'old', 'old']);
  const targets = await stand.call<{
    items: { name: string; slots: { slot: string; failureCode: string; failure: string }[] }[];
  }>('GET', '/v1/targets');
  const slots = JSON.stringify(targets.body);
  assert.match(slots, /config\/shop could not hold its part of the same change/);
  assert.match(slots, /verify-failed/);
});

test('law 9: a canary that starts again and again while the stage bakes goes back by itself, and takes the rollout with it', {
  timeout: 120_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare('10m');
  const id = await stand.roll('looping', 'new');
  const slots = ['config/shop', 'config/till'];
  const records = async () => Promise.all(slots.map((slot) => stand.record(slot)));
  await until('both slots are confirmed', async () =>
    (await records()).every((record) => record?.confirmed.length === 1),
  );
  for (let starts = 1; starts <= 3; starts++) {
    await stand.killAgents();
    stand.startAgents();
    if (starts === 3) break;
    await until(`start ${starts} is counted`, async () =>
      (await records()).every((record) => record?.trial?.strikes.started === starts),
    );
  }
  assert.equal(await stand.ended(id), 'rolledBack');
  assert.deepEqual(stand.held, ['old', 'old', 'old', 'old']);
  const { body } = await stand.call('GET', '/v1/targets');
  assert.match(JSON.stringify(body), /crash-loop/);
  const again = await stand.call('POST', '/v1/rollouts', { change: 'looping' });
  assert.match(JSON.stringify(again.body), /quarantined/);
});

test('law 7: a rollback that a person orders restores both slots of every target, although an agent is killed meanwhile', {
  timeout: 120_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  const id = await stand.roll('good', 'new');
  await until('both slots of the canary have it', () => stand.held[0] === 'new' && stand.held[1] === 'new');
  await stand.call('POST', `/v1/rollouts/${id}/rollback`, { reason: 'to see both back' });
  await stand.killAgents();
  stand.startAgents();
  assert.equal(await stand.ended(id), 'rolledBack');
  assert.deepEqual(stand.held, ['old', 'old', 'old', 'old']);
});
