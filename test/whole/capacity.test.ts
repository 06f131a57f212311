import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, type ServerProcess, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

/*
 * A fleet of twelve real agents in three zones, of which one in each zone may be away at a time. Whether that is kept is seen from the
 * targets' own side: each one's service is away while it takes in what its agent put there, and knows who else of its zone is.
 */

const CLI = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url));
const ZONES = ['a', 'b', 'c'];
const TARGETS = [...Array(12).keys()].map((index) => ({
  name: `shop-${index}`,
  zone: ZONES[index % 3] ?? '',
  ring: index < 3 ? 'canary' : index < 11 ? 'broad' : 'last',
}));
const [BASELINE, GOOD, BAD] = ['{"limit":0}\n', '{"limit":7}\n', '{"limit":9}\n'];

/** The service beside one agent. */
interface TargetService {
  readonly url: string;
  readonly name: string;
  readonly zone: string;
  away: boolean;
  healthy: boolean;
  /** How long it is away while it takes in a new configuration. */
  reloadMs: number;
}

/** What the services have seen of each other. */
class Witness {
  readonly services: TargetService[] = [];
  /** The most that were away in one zone at once. */
  most = 0;
  /** Names, in the order in which they went away. */
  order: string[] = [];

  begin(service: TargetService): void {
    service.away = true;
    this.order.push(service.name);
    this.most = Math.max(this.most, this.services.filter(({ away, zone }) => away && zone === service.zone).length);
  }

  forget(): void {
    this.most = 0;
    this.order = [];
  }
}

async function startService(t: TestContext, witness: Witness, name: string, zone: string): Promise<TargetService> {
  let requests = 0;
  const service = { url: '', name, zone, away: false, healthy: true, reloadMs: 250 };
  const server = createServer((request, response) => {
    if (request.url === '/reload') {
      witness.begin(service);
      setTimeout(() => {
        service.away = false;
        response.end();
      }, service.reloadMs);
      return;
    }
    if (request.url === '/health') {
      response.writeHead(service.healthy ? 200 : 500).end();
      return;
    }
    requests += 200;
    response.end(`requests_total ${requests}\nfailures_total 0\n`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  witness.services.push(service);
  return service;
}

interface View {
  readonly rollout: { readonly id: string; readonly phase: string; readonly stage: number };
  readonly says: string;
}

const document = (kind: string, name: string, spec: object) => ({
  apiVersion: 'ringfence.dev/v1',
  kind,
  metadata: { name },
  spec,
});

class Stand {
  readonly #t: TestContext;
  readonly #folder: string;
  readonly witness = new Witness();
  readonly #files: string[] = [];
  #server: ServerProcess | null = null;
  #agents: ChildProcess | null = null;
  #ready: Ready | null = null;

  constructor(t: TestContext) {
    this.#t = t;
    this.#folder = temporaryFolder(t);
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer({ http: this.#ready?.http, token: this.#ready?.adminToken }, method, path, body);
  }

  /** With a floor, in three stages; or without one, in a single stage that goes at a pace. */
  async prepare(applyDeadline: string, concurrency?: object): Promise<void> {
    this.#server = startServerProcess(this.#t, join(this.#folder, 'data'));
    this.#ready = await this.#server.ready();
    const bake = { minimum: '200ms', exposure: { metric: 'requests', atLeast: 100 }, deadline: '5m' };
    const stage = (name: string, more: object) => ({ name, targets: { ring: name }, bake, applyDeadline, ...more });
    const errors = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', margin: 0.02 };
    const documents = [
      document('Service', 'shop', {
        roles: { api: {} },
        ...(concurrency === undefined && { capacity: { domain: 'zone', unavailable: 1 } }),
        slots: { 'config/shop': {} },
        metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
      }),
      document('Pipeline', 'shop', {
        service: 'shop',
        rehearse: concurrency === undefined,
        stages: concurrency
          ? [stage('all', { targets: {}, concurrency })]
          : [
              stage('canary', {}),
              stage('broad', { waves: ['50%', '100%'], promote: 'manual' }),
              // Where it stops: with everything before it on the change.
              stage('last', {}),
            ],
        checks: [{ ...errors, failures: 'failures', total: 'requests' }],
      }),
      ...[GOOD, BAD].map((content, index) =>
        document('Change', ['good', 'bad'][index] ?? '', {
          service: 'shop',
          reason: 'a test',
          slots: { 'config/shop': { content } },
        }),
      ),
    ];
    const applied = await this.call('POST', '/v1/manifests', { documents });
    assert.equal(applied.status, 200, JSON.stringify(applied.body));
    const { body: token } = await this.call<{ secret: string }>('POST', '/v1/tokens', { role: 'agent', name: 'fleet' });
    const configs: string[] = [];
    for (const { name, zone, ring } of TARGETS) {
      const home = join(this.#folder, name);
      mkdirSync(home);
      writeFileSync(join(home, 'shop.json'), BASELINE);
      writeFileSync(join(home, 'token'), token.secret);
      const { url } = await startService(this.#t, this.witness, name, zone);
      const spec = {
        server: this.#ready.opamp,
        tokenFile: './token',
        directory: './state',
        service: 'shop',
        role: 'api',
        labels: { ring, zone },
        slots: {
          'config/shop': {
            file: './shop.json',
            reload: { http: { url: `${url}/reload`, method: 'POST' }, timeout: '30s' },
            watchFor: '1ms',
          },
        },
        checks: [
          { name: 'alive', http: { url: `${url}/health`, status: 200 }, every: '200ms', timeout: '5s', failures: 1 },
        ],
        metrics: { url: `${url}/metrics`, every: '250ms' },
      };
      writeFileSync(join(home, 'agent.yaml'), JSON.stringify(document('Agent', name, spec)));
      this.#files.push(join(home, 'shop.json'));
      configs.push('--config', join(home, 'agent.yaml'));
    }
    this.#agents = spawn(process.execPath, [CLI, 'agent', ...configs], { stdio: 'ignore' });
    this.#t.after(() => this.#agents?.kill('SIGKILL'));
  }

  /** Starts a rollout as soon as the whole fleet is there; gives its id. */
  async startRollout(change: string): Promise<string> {
    await until('the whole fleet is there', async () => {
      const { body } = await this.call<{ stages: { connected: number; steps?: { expected: number } }[] }>(
        'POST',
        '/v1/plans',
        {
          change,
        },
      );
      return body.stages?.reduce((sum, { connected }) => sum + connected, 0) === TARGETS.length && body;
    });
    return until(`${change} starts`, async () => {
      const { status, body } = await this.call<View>('POST', '/v1/rollouts', { change });
      return status === 201 && body.rollout.id;
    });
  }

  async view(id: string): Promise<View> {
    return (await this.call<View>('GET', `/v1/rollouts/${id}`)).body;
  }

  /** Waits for something to be so, for as long as the record goes on. */
  async eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let seen = -1; ; ) {
      const found = await until(`${what}, or the record goes on after event ${seen}`, async () => {
        if (await isSo()) return 'so';
        const { body } = await this.call<{ head: number }>('GET', '/v1/log?after=0&limit=1');
        return body.head > seen && body.head;
      });
      if (found === 'so') return;
      seen = found;
    }
  }

  phase(id: string, phase: string): Promise<void> {
    return this.eventually(`${id} is ${phase}`, async () => {
      const { rollout } = await this.view(id);
      // A stage that waits for room to open the next one is ready as well.
      return rollout.phase === phase && (phase !== 'ready' || rollout.stage === 1);
    });
  }

  async kill(): Promise<void> {
    this.#server?.child.kill('SIGKILL');
    await this.#server?.ended();
  }

  all(text: string): boolean {
    return this.#files.every((file) => readFileSync(file, 'utf8') === text);
  }

  /** Every target of the stages before the last one. */
  most(text: string): boolean {
    return this.#files.slice(0, -1).every((file) => readFileSync(file, 'utf8') === text);
  }
}

test('law 11: twelve targets in three zones go forward, back and forward again, never two of one zone at a time', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  const { witness } = stand;
  await stand.prepare('1m');

  // The first stage rehearses: each of its targets goes forward, back and forward again.
  const good = await stand.startRollout('good');
  await stand.phase(good, 'ready');
  assert.ok(stand.most(GOOD ?? ''), 'everybody but the last one has it');
  assert.equal(witness.order.length, 11 + 3 + 3, 'each once, and those of the first stage back and forward again');
  assert.equal(witness.most, 1, 'never two of one zone');

  await t.test('back as well, and who is unwell goes first', async () => {
    const ordered = await stand.call('POST', `/v1/rollouts/${good}/rollback`, { reason: 'a test' });
    assert.equal(ordered.status, 200, JSON.stringify(ordered.body));
    await stand.phase(good, 'rolledBack');
    assert.ok(stand.all(BASELINE ?? ''));
    assert.equal(witness.most, 1, 'never two of one zone on the way back');

    const bad = await stand.startRollout('bad');
    await stand.phase(bad, 'ready');
    witness.forget();
    const unwell = witness.services[10] ?? assert.fail();
    unwell.healthy = false;
    await until('the unwell one is taken back', () => witness.order.length > 0);
    assert.equal(witness.order[0], unwell.name);
    unwell.healthy = true;
    await stand.phase(bad, 'rolledBack');
    assert.ok(stand.all(BASELINE ?? ''));
    assert.equal(witness.most, 1);
  });
});

test('law 5: a rollback under a floor needs no server: when it is gone, the targets that wait go by themselves', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  const { witness } = stand;
  await stand.prepare('6s');
  const id = await stand.startRollout('good');
  await stand.phase(id, 'ready');
  witness.forget();
  await stand.call('POST', `/v1/rollouts/${id}/rollback`, { reason: 'a test' });
  // The first ones go, so the order has gone out; then nobody is there to say who comes next.
  await until('the first ones go back', () => witness.order.length > 0);
  await stand.kill();
  await until('everybody is back', () => stand.all(BASELINE ?? ''));
});

test('law 12: a target that takes its time holds the rollout and halves its pace, and is no failure of the change', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare('6s', { start: 2, most: '50%' });
  const slow = stand.witness.services[5] ?? assert.fail();
  slow.reloadMs = 12_000;
  const id = await stand.startRollout('good');
  const events = async (type: string) => {
    const { body } = await stand.call<{ items: { type: string; data: Record<string, unknown> }[] }>(
      'GET',
      '/v1/log?after=0&limit=1000',
    );
    return body.items.filter((event) => event.type === type).map(({ data }) => data);
  };
  await stand.eventually('it holds', async () =>
    (await events('HoldRaised')).some(
      ({ reason, says }) =>
        reason === 'slow-path' && String(says).includes(`${slow.name} under way for longer than 6s`),
    ),
  );
  await stand.phase(id, 'completed');
  assert.ok(stand.all(GOOD ?? ''));
  const paces = (await events('PaceChanged')).map(({ pace }) => pace as { slower: boolean; says: string });
  assert.ok(
    paces.some(({ slower, says }) => slower && / under way beyond the deadline$/.test(says)),
    JSON.stringify(paces),
  );
});
