import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LyingServer, startLyingServer, vector } from '../../adapters/source/testing/lyingServer.ts';
import {
  prometheusConfig,
  type RealServer,
  startAlertmanager,
  startPrometheus,
  withoutAlertmanager,
  withoutPrometheus,
} from '../../adapters/source/testing/realServer.ts';
import { type ShopExporter, startShopExporter } from '../../adapters/source/testing/shopExporter.ts';
import type { SourceStatusBody } from '../../wire/http/source.ts';
import { eventually } from './testing/eventually.ts';
import { startFleet, startTestServer, type TestServer } from './testing/fleet.ts';
import { runCli, temporaryFolder } from './testing/runCli.ts';

const SECRET = 'correct-horse-battery';

const service = (prometheus: string, alertmanager: string, locked: string) => `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: shop }
spec:
  roles: { web: {} }
  slots: { config/shop: {} }
  sources:
    prom: { prometheus: { url: '${prometheus}' } }
    locked: { prometheus: { url: '${locked}', secret: locked } }
    nowhere: { prometheus: { url: 'http://127.0.0.1:1', secret: missing } }
    alerts: { alertmanager: { url: '${alertmanager}' } }
  metrics:
    requests: { counter: requests_total }
    failures: { counter: 'requests_total{code="500"}' }
    load: { query: shop_load, source: prom }
    wrong: { query: 'shop_load[', source: prom }
    price: { query: shop_price, source: locked }
    other: { query: shop_load, source: nowhere }
    paged: { alert: { severity: page }, source: alerts }
`;

describe('sources of metrics', { skip: withoutPrometheus || withoutAlertmanager }, () => {
  let server: TestServer;
  let fleet: AsyncDisposable;
  let shop: ShopExporter;
  let prometheus: RealServer;
  let alertmanager: RealServer;
  let locked: LyingServer;

  before(async () => {
    shop = await startShopExporter();
    shop.load(0.5);
    prometheus = await startPrometheus(prometheusConfig({ 'shop-1': shop.address }));
    alertmanager = await startAlertmanager({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] });
    locked = await startLyingServer((response, body, request) => {
      const isOpen = request.headers.authorization === `Bearer ${SECRET}`;
      if (isOpen) vector({ 'shop-2:9100': '3' })(response, body, request);
      else response.writeHead(401).end();
    });
    server = await startTestServer((folder) => {
      const file = join(folder, 'locked.secret');
      writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
      return ['--source-secret', `locked=${file}`];
    });
    fleet = await startFleet(server, 'auto');
    const stdin = service(prometheus.url, alertmanager.url, locked.url);
    const { stderr } = await server.run(['apply', '-f', '-'], { stdin });
    assert.equal(stderr, '');
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await prometheus?.remove();
    await alertmanager?.remove();
    await locked?.close();
    await shop?.close();
  });

  const sources = async () => (await server.json<{ items: readonly SourceStatusBody[] }>(['get', 'sources'])).items;
  const metric = async (name: string) =>
    (await sources()).flatMap(({ metrics }) => metrics).find((each) => each.metric === name);

  test('get sources: each of them, and what is wrong with it', async () => {
    await eventually('all to have been asked', async () => {
      const states = await Promise.all(['load', 'price', 'paged', 'wrong', 'other'].map(metric));
      const said = states.map((each) => `${each?.state} ${each?.targets}`);
      return said.join() === 'ok 1,ok 1,ok 3,source-error 0,source-error 0';
    });
    const { stdout } = await server.run(['get', 'sources']);
    assert.match(stdout, /^SERVICE +SOURCE +KIND +STATE +SINCE +LAST ANSWER +METRICS *\n/);
    assert.match(stdout, /\nshop +alerts +alertmanager +ok /);
    assert.match(stdout, /\nshop +locked +prometheus +ok .* price *\n/);
    assert.match(stdout, /\nshop +nowhere +prometheus +error .* none +other *\n/);
    assert.match(stdout, /\nshop +prom +prometheus +error .* load, wrong *\n/);
    assert.match(
      stdout,
      /\nshop\/nowhere: this server was started without the secret "missing" of the source: start it with\s+--source-secret\s+missing=FILE\n/,
    );
    const one = await server.run(['get', 'sources', 'shop/prom']);
    assert.match(
      one.stdout,
      /^ *source +shop\/prom\n[\s\S]*load: ok, of 1 target\n[\s\S]*wrong: error, of 0 targets; Prometheus at/,
    );
    const unknown = await server.run(['get', 'sources', 'promm']);
    assert.match(unknown.stderr, /there is no source "promm"/);
  });

  test('a secret is told to its source and stands nowhere else', async () => {
    await eventually('it to be asked', async () => locked.asked.length > 0);
    assert.equal(locked.asked[0]?.authorization, `Bearer ${SECRET}`);
    for (const file of readdirSync(join(server.folder, 'data'), { recursive: true, encoding: 'utf8' })) {
      const path = join(server.folder, 'data', file);
      if (statSync(path).isFile()) assert.ok(!readFileSync(path).includes(SECRET), file);
    }
    assert.ok(!JSON.stringify(await sources()).includes(SECRET));
    assert.ok(!(await server.run(['get', 'services', 'shop', '--json'])).stdout.includes(SECRET));
  });

  test('a source that goes away is down, and is well again by itself', async () => {
    await eventually('it to be well', async () => (await metric('load'))?.state === 'ok');
    await prometheus.kill();
    await eventually('it to be down', async () => (await metric('load'))?.state === 'source-down');
    await prometheus.restart();
    await eventually('it to be well', async () => (await metric('load'))?.state === 'ok');
  });
});

test('server --source-secret: files that others can read, that are missing or hold no secret are refused, by name alone', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'prom.secret');
  const start = (...args: readonly string[]) =>
    runCli(['server', '--data', join(folder.path, 'data'), '--port', '0', '--opamp-port', '0', ...args], {
      cwd: folder.path,
    });
  const secret = ['--source-secret', `prom=${file}`];

  assert.match((await start(...secret)).stderr, /cannot read \S+prom\.secret: ENOENT.* \(--source-secret prom=…\)/);
  writeFileSync(file, 'hunter2');
  chmodSync(file, 0o644);
  const open = await start(...secret);
  assert.equal(open.code, 1);
  assert.match(
    open.stderr,
    /others than its owner can read \S+prom\.secret \(mode 644\): chmod 600 it \(--source-secret prom=…\)/,
  );
  chmodSync(file, 0o600);
  assert.match((await start(...secret, ...secret)).stderr, /--source-secret prom is given twice/);
  writeFileSync(file, 'hunter2\nhunter3\n');
  const lines = await start(...secret);
  assert.match(lines.stderr, /does not hold a token, or USER:PASSWORD, on one line/);
  assert.ok(!lines.stderr.includes('hunter2'));
  assert.match((await start('--source-secret', 'prom')).stderr, /Expected NAME=FILE, as in prom=/);
});
