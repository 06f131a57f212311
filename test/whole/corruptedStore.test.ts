import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { forgeLog, replaceDeep } from '../../src/adapters/store/sqlite/testing/forgeLog.ts';
import type { UnstoredEvent } from '../../src/wire/storedEvent.ts';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, type ServerProcess, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

/*
 * 2020-09-28: the rollout tool lost its own rings, sent a change to all of them at once, and could not take it back. Here a real server
 * has its record rewritten on purpose, hash chain and all, so that it orders every ring at once. The fleet refuses by itself; with the
 * server stopped, the targets that had the change go back from their own disks.
 */

const CLI = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url));
const RINGS = ['canary', 'canary', 'pilot', 'broad', 'broad'];
const GUARDED = RINGS.filter((ring) => ring !== 'canary').length;
const [BASELINE, GOOD, BAD] = ['{"limit":0}\n', '{"limit":7}\n', '{"limit":9}\n'];

interface View {
  readonly rollout: {
    readonly id: string;
    readonly phase: string;
    readonly holds: readonly { reason: string; says: string }[];
  };
  readonly says: string;
  readonly tally: {
    readonly refused: number;
    readonly refusals: readonly { code: string; count: number; says: string }[];
  };
}

class Stand {
  readonly #t: TestContext;
  readonly folder: string;
  readonly #configs: string[] = [];
  readonly #files: string[] = [];
  #agents: ChildProcess | null = null;
  #server: ServerProcess | null = null;
  #ready: Ready | null = null;
  #ports: readonly string[] = [];
  #token = '';

  constructor(t: TestContext) {
    this.#t = t;
    this.folder = temporaryFolder(t);
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  async start(): Promise<void> {
    this.#server = startServerProcess(this.#t, this.data, ...this.#ports);
    this.#ready = await this.#server.ready();
    const port = (url: string) => new URL(url).port;
    this.#ports = ['--port', port(this.#ready.http), '--opamp-port', port(this.#ready.opamp)];
    this.#token = this.#ready.adminToken ?? this.#token;
  }

  async stop(): Promise<void> {
    this.#server?.child.kill('SIGTERM');
    await this.#server?.ended();
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer({ http: this.#ready?.http, token: this.#token }, method, path, body);
  }

  async prepare(): Promise<void> {
    await this.start();
    const document = (kind: string, name: string, spec: object) => ({
      apiVersion: 'ringfence.dev/v1',
      kind,
      metadata: { name },
      spec,
    });
    const stage = (name: string, promote = 'auto') => ({
      name,
      targets: { ring: name },
      bake: { minimum: '200ms', exposure: { metric: 'requests', atLeast: 100 }, deadline: '5m' },
      promote,
    });
    const errors = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', margin: 0.02 };
    const documents = [
      document('Service', 'shop', {
        roles: { api: {} },
        slots: { 'config/shop': {} },
        metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
      }),
      document('Pipeline', 'quick', {
        service: 'shop',
        stages: [stage('canary'), stage('pilot'), stage('broad')],
        checks: [{ ...errors, failures: 'failures', total: 'requests' }],
      }),
      document('Pipeline', 'asking', {
        service: 'shop',
        stages: [stage('canary', 'manual'), stage('pilot'), stage('broad')],
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
    for (const [index, ring] of RINGS.entries()) {
      const home = join(this.folder, `target-${index}`);
      mkdirSync(home);
      writeFileSync(join(home, 'shop.json'), BASELINE);
      writeFileSync(join(home, 'token'), token.secret);
      const spec = {
        server: this.#ready?.opamp,
        tokenFile: './token',
        directory: './state',
        service: 'shop',
        role: 'api',
        labels: { ring },
        guard: { neverFirst: ring !== 'canary' },
        slots: { 'config/shop': { file: './shop.json', watchFor: '1s' } },
        metrics: { url: await startService(this.#t), every: '250ms' },
      };
      writeFileSync(join(home, 'agent.yaml'), JSON.stringify(document('Agent', `shop-${index}`, spec)));
      this.#files.push(join(home, 'shop.json'));
      this.#configs.push('--config', join(home, 'agent.yaml'));
    }
    this.#agents = spawn(process.execPath, [CLI, 'agent', ...this.#configs], { stdio: 'ignore' });
    this.#t.after(() => this.#agents?.kill('SIGKILL'));
  }

  /** Starts a rollout as soon as the fleet can be measured; gives its id. */
  startRollout(change: string, pipeline: string): Promise<string> {
    return until(`${change} starts`, async () => {
      const { status, body } = await this.call<View>('POST', '/v1/rollouts', { change, pipeline });
      return status === 201 && body.rollout.id;
    });
  }

  async view(id: string): Promise<View> {
    return (await this.call<View>('GET', `/v1/rollouts/${id}`)).body;
  }

  async revert(): Promise<{ agent: string; slots: { outcome: string }[] }[]> {
    const args = [
      CLI,
      'agent',
      'revert',
      ...this.#configs,
      '--reason',
      'the server orders everything everywhere',
      '--json',
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return (JSON.parse(stdout) as { agents: { agent: string; slots: { outcome: string }[] }[] }).agents;
  }

  held(): string[] {
    return this.#files.map((file) => readFileSync(file, 'utf8'));
  }
}

async function startService(t: TestContext): Promise<string> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 200;
    response.end(`requests_total ${requests}\nfailures_total 0\n`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/**
 * The rollout has opened every ring, as far as the record says: with the evidence of the first stage and a permit for the last one. The
 * permit is the one there was, made to say what it should; a signature for it is nowhere on the record.
 */
function openEverything(events: readonly UnstoredEvent[], id: string): readonly UnstoredEvent[] {
  const of = (type: string) =>
    events.findLast((event) => event.type === type && (event.data as { id: string }).id === id);
  const [opened, issued] = [of('WaveOpened') ?? assert.fail(), of('PermitIssued') ?? assert.fail()];
  const later = [1, 2].map((stage) => ({
    ...opened,
    data: { ...(opened.data as object), stage } as UnstoredEvent['data'],
  }));
  const openings = ['canary', 'pilot', 'broad'].map((stage) => ({ stage, targets: { ring: [stage] }, below: 1 }));
  const permit = replaceDeep(replaceDeep(issued.data, 'openings', openings), 'generation', events.length + 2);
  const forged = permit as { permit: { document: object } };
  const stage = { name: 'broad', index: 2, opened: opened.at };
  const document = { ...forged.permit.document, stage };
  const data = { ...forged, permit: { ...forged.permit, document } } as unknown as UnstoredEvent['data'];
  return [...events, ...later, { ...issued, data }];
}

/** The pipelines have lost their rings: there is one stage, and it takes everybody. */
function loseRings(events: readonly UnstoredEvent[]): readonly UnstoredEvent[] {
  return events.map((event) => {
    if (event.type !== 'PipelineApplied') return event;
    const { pipeline } = event.data as unknown as { pipeline: { stages: object[] } };
    const stages = pipeline.stages.slice(0, 1).map((stage) => ({ ...stage, targets: {} }));
    return { ...event, data: { pipeline: { ...pipeline, stages } } as unknown as UnstoredEvent['data'] };
  });
}

const inFirstRing = (text: string) => RINGS.map((ring) => (ring === 'canary' ? text : ''));

test('laws 1, 5, 23: a record rewritten to order every ring at once is refused by the fleet, and taken back without a server', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  const first = await stand.startRollout('good', 'quick');
  await until('the good change is everywhere', async () => (await stand.view(first)).rollout.phase === 'completed');
  assert.deepEqual(
    stand.held(),
    RINGS.map(() => GOOD),
  );

  const second = await stand.startRollout('bad', 'asking');
  await until('the first ring has the other one, and a person is asked', async () =>
    (await stand.view(second)).rollout.holds.some(({ reason }) => reason === 'awaiting-promotion'),
  );
  const before = RINGS.map((ring) => (ring === 'canary' ? BAD : GOOD));
  assert.deepEqual(stand.held(), before);

  await stand.stop();
  forgeLog(stand.data, (events) => openEverything(events, second));
  await stand.start();
  const { body: verified } = await stand.call<{ outcome: string; says: string }>('GET', '/v1/log/verification');
  assert.match(
    verified.says,
    /is a checkpoint signed with key|kept beside the signing keys/,
    'the hashes fit, the signatures do not',
  );
  const { body: halt } = await stand.call<{ halted: unknown }>('GET', '/v1/halt');
  assert.match(JSON.stringify(halt), /the record is not what was signed/, 'the server itself goes no further');

  const held = await until('the hold is raised', async () => {
    const view = await stand.view(second);
    return (
      view.tally.refused >= GUARDED && view.rollout.holds.some(({ reason }) => reason === 'permit-refused') && view
    );
  });
  assert.deepEqual(
    held.tally.refusals.map(({ code, count }) => [code, count]),
    [['bad-signature', GUARDED]],
  );
  const why = '3 bad-signature \\(shop-\\d: the permit is not what was signed: key [0-9a-f]{16}\\)';
  assert.match(held.says, new RegExp(`held in "broad": .*3 targets refuse the permit: ${why}`));
  assert.deepEqual(stand.held(), before, 'nobody outside the first ring has moved');

  await stand.stop();
  const reverted = await stand.revert();
  const outcomes = new Map(reverted.map(({ agent, slots }) => [agent, slots[0]?.outcome]));
  assert.deepEqual([outcomes.get('shop-0'), outcomes.get('shop-1')], ['back', 'back']);
  assert.deepEqual(stand.held().slice(0, 2), [GOOD, GOOD], 'the last known good, from their own disks');
  await stand.start();
  await until('the server hears of it', async () => {
    const { body } = await stand.call<{ items: unknown[] }>('GET', '/v1/targets');
    return JSON.stringify(body).includes('taken-back');
  });
  assert.ok(!stand.held().includes(BAD), 'and it stays away, whatever the server orders');
});

test('law 23: a server whose rings are lost signs what it believes; targets that are never first refuse it', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  await until('the fleet is there', async () => {
    const { body } = await stand.call<{ items: unknown[] }>('GET', '/v1/targets');
    return body.items.length === RINGS.length;
  });
  await stand.stop();
  forgeLog(stand.data, loseRings);
  await stand.start();
  // Somebody who believes the server more than its record.
  await stand.call('DELETE', '/v1/halt');
  const id = await stand.startRollout('bad', 'asking');
  const view = await until('the hold is raised', async () => {
    const found = await stand.view(id);
    return (
      found.tally.refused === GUARDED && found.rollout.holds.some(({ reason }) => reason === 'permit-refused') && found
    );
  });
  assert.deepEqual(
    view.tally.refusals.map(({ code, count }) => [code, count]),
    [['never-first', GUARDED]],
  );
  await until('the first ring is not held up', () => stand.held().filter((text) => text === BAD).length === 2);
  assert.deepEqual(
    stand.held().map((text) => (text === BAD ? BAD : '')),
    inFirstRing(BAD),
  );
});
