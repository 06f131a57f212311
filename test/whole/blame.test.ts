import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

/*
 * Two real rollouts at once, of two services of which one needs the other. The shop's services really do ask those of pay in their own
 * zone, and are unwell when what these hold is bad; pay itself sees nothing of it. Who is to blame has to be found out.
 */

const CLI = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url));
const [BASELINE, GOOD, BAD] = ['{"limit":0}\n', '{"limit":7}\n', '{"limit":9}\n'];
const TARGETS = [
  { name: 'pay-0', service: 'pay', ring: 'canary', zone: 'a' },
  { name: 'pay-1', service: 'pay', ring: 'broad', zone: 'b' },
  { name: 'shop-0', service: 'shop', ring: 'canary', zone: 'a' },
  { name: 'shop-1', service: 'shop', ring: 'broad', zone: 'a' },
  { name: 'shop-2', service: 'shop', ring: 'broad', zone: 'b' },
  { name: 'shop-3', service: 'shop', ring: 'broad', zone: 'b' },
];

interface View {
  readonly rollout: {
    readonly id: string;
    readonly phase: string;
    readonly holds: readonly { reason: string }[];
    readonly rollback: { readonly code: string; readonly says: string } | null;
  };
  readonly says: string;
}

interface Blame {
  readonly outcome: string;
  readonly says: string;
  readonly ranked: readonly { rollout: string; outcome: string; reasons: readonly string[] }[];
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
  #ready: Ready | null = null;

  constructor(t: TestContext) {
    this.#t = t;
    this.#folder = temporaryFolder(t);
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer({ http: this.#ready?.http, token: this.#ready?.adminToken }, method, path, body);
  }

  async prepare(): Promise<void> {
    this.#ready = await startServerProcess(this.#t, join(this.#folder, 'data')).ready();
    const bake = { minimum: '200ms', exposure: { metric: 'requests', atLeast: 100 }, deadline: '5m' };
    const stages = [
      { name: 'canary', targets: { ring: 'canary' }, bake, promote: 'manual' },
      { name: 'broad', targets: { ring: 'broad' }, bake },
    ];
    const errors = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', margin: 0.02 };
    const checks = [{ ...errors, failures: 'failures', total: 'requests' }];
    const service = (name: string, dependsOn: object) =>
      document('Service', name, {
        roles: { api: {} },
        ...dependsOn,
        slots: { 'config/it': {} },
        metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
      });
    const documents = [
      service('pay', {}),
      service('shop', { dependsOn: ['pay'] }),
      ...['pay', 'shop'].map((name) =>
        document('Pipeline', name, { service: name, rehearse: false, neighbours: 'tellApart', stages, checks }),
      ),
      document('Change', 'bad-pay', { service: 'pay', reason: 'a test', slots: { 'config/it': { content: BAD } } }),
      document('Change', 'good-shop', { service: 'shop', reason: 'a test', slots: { 'config/it': { content: GOOD } } }),
    ];
    const applied = await this.call('POST', '/v1/manifests', { documents });
    assert.equal(applied.status, 200, JSON.stringify(applied.body));
    const { body: token } = await this.call<{ secret: string }>('POST', '/v1/tokens', { role: 'agent', name: 'fleet' });
    const configs: string[] = [];
    for (const { name, service, ring, zone } of TARGETS) {
      const home = join(this.#folder, name);
      mkdirSync(home);
      writeFileSync(join(home, 'it.json'), BASELINE);
      writeFileSync(join(home, 'token'), token.secret);
      const url = await this.#startService(service, zone);
      const spec = {
        server: this.#ready.opamp,
        tokenFile: './token',
        directory: './state',
        service,
        role: 'api',
        labels: { ring, zone },
        slots: { 'config/it': { file: './it.json', watchFor: '1ms' } },
        checks: [{ name: 'alive', http: { url: `${url}/health`, status: 200 }, every: '200ms', failures: 1 }],
        metrics: { url: `${url}/metrics`, every: '250ms' },
      };
      writeFileSync(join(home, 'agent.yaml'), JSON.stringify(document('Agent', name, spec)));
      configs.push('--config', join(home, 'agent.yaml'));
    }
    const agents = spawn(process.execPath, [CLI, 'agent', ...configs], { stdio: 'ignore' });
    this.#t.after(() => agents.kill('SIGKILL'));
  }

  /** Empty where there is nothing any more: services outlive their files by a moment, at the end. */
  held(name: string): string {
    const file = join(this.#folder, name, 'it.json');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** A service of the shop asks those of pay that are in its zone. */
  async #startService(service: string, zone: string): Promise<string> {
    const needed = service === 'shop' ? TARGETS.filter((each) => each.service === 'pay' && each.zone === zone) : [];
    let requests = 0;
    const server = createServer((request, response) => {
      if (request.url === '/health') {
        response.writeHead(needed.some(({ name }) => this.held(name) === BAD) ? 503 : 200).end();
        return;
      }
      requests += 200;
      response.end(`requests_total ${requests}\nfailures_total 0\n`);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    this.#t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  startRollout(change: string): Promise<string> {
    return until(`${change} starts`, async () => {
      const { status, body } = await this.call<View>('POST', '/v1/rollouts', { change });
      return status === 201 && body.rollout.id;
    });
  }

  async view(id: string): Promise<View> {
    return (await this.call<View>('GET', `/v1/rollouts/${id}`)).body;
  }

  viewWhen(what: string, id: string, probe: (view: View) => boolean): Promise<View> {
    return until(what, async () => {
      const view = await this.view(id);
      return probe(view) && view;
    });
  }

  async blame(): Promise<Blame> {
    return (await this.call<Blame>('GET', '/v1/blame')).body;
  }

  async blameInWords(): Promise<string> {
    const env = { ...process.env, RINGFENCE_SERVER: this.#ready?.http, RINGFENCE_TOKEN: this.#ready?.adminToken ?? '' };
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'blame', '--service', 'pay'], { env });
    return stdout;
  }
}

const holds = (reason: string) => (view: View) => view.rollout.holds.some((hold) => hold.reason === reason);

test('laws 13, 17: of two rollouts at once, the one that hurts goes back, and the one that is hurt waits and goes on', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.prepare();
  await until('all are there', async () => {
    const { body } = await stand.call<{ items: { connected: boolean }[] }>('GET', '/v1/targets');
    return body.items.filter(({ connected }) => connected).length === TARGETS.length;
  });
  assert.equal((await stand.blame()).says, 'no target is unhealthy');

  const shop = await stand.startRollout('good-shop');
  await stand.viewWhen('the shop asks for its next stage', shop, holds('awaiting-promotion'));
  const pay = await stand.startRollout('bad-pay');

  const hurt = await stand.viewWhen('the shop holds', shop, holds('harm-beside'));
  assert.match(hurt.says, new RegExp(`${pay} \\(\\d turned unhealthy .* after it reached what they need\\) fits`));
  await stand.viewWhen('pay holds', pay, holds('blamed'));
  const found = await stand.blame();
  assert.deepEqual(
    found.ranked.map(({ rollout, outcome }) => `${rollout} ${outcome}`),
    [`${pay} blamed`, `${shop} cleared`],
  );
  assert.match(found.ranked[1]?.reasons.join() ?? '', /where it has never been/);
  const words = await stand.blameInWords();
  assert.match(words, new RegExp(`^blame +of \\d unhealthy targets?: ${pay} `));
  assert.match(words, new RegExp(`\\n${shop} +cleared\\n`));

  const back = await stand.viewWhen('pay goes back', pay, ({ rollout }) => rollout.phase === 'rolledBack');
  assert.equal(back.rollout.rollback?.code, 'blamed');
  assert.equal(stand.held('pay-0'), BASELINE);
  const { body: change } = await stand.call<{ items: { name: string; quarantine: unknown }[] }>('GET', '/v1/changes');
  assert.equal(change.items.find(({ name }) => name === 'bad-pay')?.quarantine, null, 'it is not said of the bytes');

  await stand.viewWhen(
    'the shop is well again',
    shop,
    (view) => holds('awaiting-promotion')(view) && !holds('harm-beside')(view),
  );
  await until('promoted', async () => (await stand.call('POST', `/v1/rollouts/${shop}/promote`)).status === 200);
  await stand.viewWhen('the shop completes', shop, ({ rollout }) => rollout.phase === 'completed');
  assert.equal((await stand.blame()).outcome, 'none');
});
