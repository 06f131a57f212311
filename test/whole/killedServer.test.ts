import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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
 * A real server under real agents is killed with SIGKILL after every single event of a rollout, and again at moments drawn from
 * a seed. What it had acknowledged must be there afterwards, and the rollout must end as it should.
 */

const CLI = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url));
const RINGS = ['canary', 'canary', 'broad', 'broad', 'broad'];
const BASELINE = '{"limit":0}\n';

interface Logged {
  readonly position: number;
  readonly type: string;
  readonly hash: string;
}

/** A service's exposition under steady traffic: every reading finds 200 more requests, of which a share failed by its configuration. */
async function startService(t: TestContext, file: string): Promise<string> {
  let requests = 0;
  let failures = 0;
  const server = createServer((_, response) => {
    requests += 200;
    failures += readFileSync(file, 'utf8').includes('"limit":13') ? 60 : 0;
    response.end(`requests_total ${requests}\nfailures_total ${failures}\n`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

class Stand {
  readonly #t: TestContext;
  readonly #folder: string;
  readonly #files: string[] = [];
  #agents: ChildProcess | null = null;
  #ports: readonly string[] = [];
  #token = '';
  server: ServerProcess | null = null;
  ready: Ready | null = null;
  /** Everything the server ever showed as recorded: none of it may change or vanish. */
  seen: Logged[] = [];

  constructor(t: TestContext) {
    this.#t = t;
    this.#folder = temporaryFolder(t);
  }

  async start(): Promise<void> {
    this.server = startServerProcess(this.#t, join(this.#folder, 'data'), ...this.#ports);
    this.ready = await this.server.ready();
    const port = (url: string) => new URL(url).port;
    this.#ports = ['--port', port(this.ready.http), '--opamp-port', port(this.ready.opamp)];
    this.#token = this.ready.adminToken ?? this.#token;
  }

  async kill(): Promise<void> {
    const { child } = this.server ?? assert.fail();
    child.kill('SIGKILL');
    await this.server?.ended();
  }

  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return callServer({ http: this.ready?.http, token: this.#token }, method, path, body);
  }

  /** The log from the beginning; what was seen before must still be there, hash for hash. */
  async log(): Promise<readonly Logged[]> {
    const { status, body } = await this.call('GET', '/v1/log?after=0&limit=1000');
    assert.equal(status, 200);
    const { items: events } = body as { items: Logged[] };
    assert.deepEqual(
      events.slice(0, this.seen.length).map((event) => event.hash),
      this.seen.map((event) => event.hash),
      'what was seen is still there',
    );
    this.seen = events;
    return events;
  }

  async prepare(minimum = '1s'): Promise<void> {
    await this.start();
    const document = (kind: string, name: string, spec: object) => ({
      apiVersion: 'ringfence.dev/v1',
      kind,
      metadata: { name },
      spec,
    });
    const bake = { minimum, exposure: { metric: 'requests', atLeast: 400 }, deadline: '2m' };
    const stage = (name: string, waves: unknown[]) => ({
      name,
      targets: { ring: name },
      waves,
      bake,
      applyDeadline: '1m',
    });
    const documents = [
      document('Service', 'shop', {
        roles: { api: {} },
        slots: { 'config/shop': {} },
        metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
      }),
      document('Pipeline', 'shop', {
        service: 'shop',
        stages: [stage('canary', [1, '100%']), stage('broad', [1, '100%'])],
        checks: [
          {
            name: 'errors',
            kind: 'failureProportion',
            effect: 'guardrail',
            failures: 'failures',
            total: 'requests',
            margin: 0.02,
          },
        ],
      }),
    ];
    assert.equal((await this.call('POST', '/v1/manifests', { documents })).status, 200);
    const token = (await this.call('POST', '/v1/tokens', { role: 'agent', name: 'fleet' })).body as { secret: string };
    const configs: string[] = [];
    for (const [index, ring] of RINGS.entries()) {
      const home = join(this.#folder, `target-${index}`);
      mkdirSync(home);
      const file = join(home, 'shop.json');
      writeFileSync(file, BASELINE);
      writeFileSync(join(home, 'token'), token.secret);
      const spec = {
        server: this.ready?.opamp,
        tokenFile: './token',
        directory: './state',
        service: 'shop',
        role: 'api',
        labels: { ring },
        slots: { 'config/shop': { file: './shop.json' } },
        metrics: { url: await startService(this.#t, file), every: '250ms' },
      };
      const config = join(home, 'agent.yaml');
      writeFileSync(config, JSON.stringify(document('Agent', `shop-${index}`, spec)));
      this.#files.push(file);
      configs.push('--config', config);
    }
    this.#agents = spawn(process.execPath, [CLI, 'agent', ...configs], { stdio: 'ignore' });
    this.#t.after(() => this.#agents?.kill('SIGKILL'));
  }

  async apply(name: string, limit: number): Promise<void> {
    const spec = {
      service: 'shop',
      reason: 'to see it survive',
      slots: { 'config/shop': { content: `{"limit":${limit}}\n` } },
    };
    const document = { apiVersion: 'ringfence.dev/v1', kind: 'Change', metadata: { name }, spec };
    assert.equal((await this.call('POST', '/v1/manifests', { documents: [document] })).status, 200);
  }

  /** Starts a rollout as soon as the fleet can be measured; gives its id. */
  async startRollout(change: string): Promise<string> {
    return until(`${change} starts`, async () => {
      const { status, body } = await this.call('POST', '/v1/rollouts', { change });
      return status === 201 && (body as { rollout: { id: string } }).rollout.id;
    });
  }

  async ended(id: string): Promise<string | false> {
    const { body } = await this.call('GET', `/v1/rollouts/${id}`);
    const { phase } = (body as { rollout: { phase: string } }).rollout;
    return (phase === 'completed' || phase === 'rolledBack') && phase;
  }

  async changeNames(): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await this.call('GET', `/v1/changes?limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = body as { items: { name: string }[]; next: string | null };
      for (const { name } of page.items) names.add(name);
      cursor = page.next;
    }
    return names;
  }

  digests(): string[] {
    return this.#files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Lets the rollout run to its end, killing the server each time one more event was recorded. */
async function killAfterEveryEvent(stand: Stand, id: string): Promise<number> {
  let kills = 0;
  for (;;) {
    const before = stand.seen.length;
    const over = await until(`${id} goes on after event ${before}`, async () => {
      const events = await stand.log();
      return (events.length > before && 'event') || ((await stand.ended(id)) && 'over');
    });
    if (over === 'over') return kills;
    await stand.kill();
    kills++;
    await stand.start();
  }
}

test('a server killed after every event of a good rollout loses nothing, and the rollout completes', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  await stand.apply('good', 7);
  const id = await stand.startRollout('good');
  const kills = await killAfterEveryEvent(stand, id);
  assert.ok(kills >= 4, `${kills} kills`);
  assert.equal(await stand.ended(id), 'completed');
  await until('every target holds it', () => stand.digests().every((digest) => digest === sha256('{"limit":7}\n')));
  const { body } = await stand.call('GET', '/v1/log/verification');
  assert.equal((body as { outcome: string }).outcome, 'intact');
  t.diagnostic(`${kills} kills, ${stand.seen.length} events`);
});

test('a server killed after every event of a bad rollout still takes it back, and keeps it quarantined', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  await stand.apply('bad', 13);
  const id = await stand.startRollout('bad');
  const kills = await killAfterEveryEvent(stand, id);
  assert.ok(kills >= 3, `${kills} kills`);
  assert.equal(await stand.ended(id), 'rolledBack');
  assert.deepEqual(new Set(stand.digests()), new Set([sha256(BASELINE)]), 'by effect: on every disk');
  const again = await stand.call('POST', '/v1/rollouts', { change: 'bad' });
  assert.match(JSON.stringify(again.body), /quarantined/);
  t.diagnostic(`${kills} kills, ${stand.seen.length} events`);
});

test('what the judge had seen before a server was killed is evidence after it, point for point', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare('12s');
  await stand.apply('good', 7);
  const id = await stand.startRollout('good');
  const judged = async () => {
    const { body } = await stand.call('GET', `/v1/rollouts/${id}/judge`);
    return (
      (body as { series: { points: { at: string; exposure: number; noHarm: number }[] }[] }).series[0]?.points ?? []
    );
  };
  for (let kill = 0; kill < 2; kill++) {
    const wanted = (await judged()).length + 3;
    await until('the judge has seen more', async () => (await judged()).length >= wanted);
    const before = await judged();
    await stand.kill();
    await stand.start();
    const after = await judged();
    // What was measured is stored once a second: the last windows may be gone, and nothing is made up in their place.
    assert.ok(after.length >= before.length - 3, `${after.length} of ${before.length} points are there`);
    assert.deepEqual(before.slice(0, after.length), after.slice(0, before.length));
    const { body } = await stand.call('GET', `/v1/rollouts/${id}`);
    const [verdict] = (body as { verdicts: { treated: { exposure: number }; evidence: { noHarm: number } }[] })
      .verdicts;
    const last = after.at(-1) ?? assert.fail('no point');
    assert.ok((verdict?.treated.exposure ?? 0) >= last.exposure, 'the judge goes on from there');
    assert.ok(last.exposure > 0);
  }
  await until('the first stage passes', async () => (await stand.log()).some(({ type }) => type === 'StagePassed'));
  await until('the end', async () => (await stand.ended(id)) === 'completed');
});

test('killed at any moment, every command that was acknowledged is there afterwards', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.start();
  const service = {
    apiVersion: 'ringfence.dev/v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { roles: { api: {} }, slots: { 'config/shop': {} } },
  };
  assert.equal((await stand.call('POST', '/v1/manifests', { documents: [service] })).status, 200);
  const acknowledged: string[] = [];
  // A seed instead of chance: the same moments every time, as far as the machine allows.
  let seed = 20_090_313;
  for (let round = 0; round < 12; round++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const killAfter = 1 + (seed % 40);
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; index < 30; index++) {
        const name = `c-${round}-${writer}-${index}`;
        try {
          await stand.apply(name, round * 10_000 + writer * 100 + index);
          acknowledged.push(name);
        } catch (error) {
          // A refusal would be a mistake of this test; a broken connection is the kill.
          if (error instanceof assert.AssertionError) throw error;
          return; // The server is gone: this one was not acknowledged.
        }
        if (acknowledged.length % 40 === killAfter) stand.server?.child.kill('SIGKILL');
      }
    });
    await Promise.all(writers);
    await stand.kill();
    await stand.start();
    const kept = await stand.changeNames();
    for (const name of acknowledged) assert.ok(kept.has(name), `${name} was acknowledged and is lost`);
    const verified = await stand.call('GET', '/v1/log/verification');
    assert.equal((verified.body as { outcome: string }).outcome, 'intact');
  }
  assert.ok(acknowledged.length > 50, `only ${acknowledged.length}`);
  t.diagnostic(`${acknowledged.length} acknowledged commands through 12 kills`);
});
