import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually } from '../eventually.ts';
import { EXAMPLES, PROGRAMS } from '../programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-shop-'));
const running = new Set<ChildProcess>();
const never = new AbortController().signal;
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function startShop(role: 'web' | 'api', config: string) {
  const files = {
    config: join(folder, `${role}.json`),
    pid: join(folder, `${role}.pid`),
    port: join(folder, `${role}.port`),
  };
  writeFileSync(files.config, config);
  const child = spawn(
    process.execPath,
    [PROGRAMS.shop, '--role', role, '--config', files.config, '--pid-file', files.pid, '--port-file', files.port],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  running.add(child);
  let log = '';
  child.stdout.on('data', (text) => {
    log += text;
  });
  await eventually(`the ${role}`, never, () => existsSync(files.pid) || null);
  const base = `http://127.0.0.1:${readFileSync(files.port, 'utf8').trim()}`;
  return {
    child,
    files,
    log: () => log,
    get: async (path: string) => {
      const response = await fetch(base + path);
      return { status: response.status, text: await response.text() };
    },
    digest: async () =>
      JSON.parse((await fetch(`${base}/config`).then((response) => response.text())) as string).digest as string,
    signal: () => process.kill(Number(readFileSync(files.pid, 'utf8')), 'SIGHUP'),
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const example = (name: string) => readFileSync(join(EXAMPLES, name), 'utf8');

test('the bytes it says it runs with are those it loaded, not those that lie on the disk', async () => {
  const shop = await startShop('web', example('shop.json'));
  const [before, after] = [sha256(example('shop.json')), sha256(example('shop-more-results.json'))];
  assert.equal(await shop.digest(), before);
  const found = async () => JSON.parse((await shop.get('/search?q=o')).text).products.length as number;
  assert.equal(await found(), 10);

  writeFileSync(shop.files.config, example('shop-more-results.json'));
  assert.equal(await shop.digest(), before, 'without a signal nothing is read');
  shop.signal();
  await eventually('the new configuration', never, async () => ((await shop.digest()) === after ? true : null));
  assert.equal(await found(), 20);

  writeFileSync(shop.files.config, '{ "currency": "EUR", "resultsPerPage": "many", "supplierTimeoutMs": 400 }');
  shop.signal();
  await eventually(
    'a log line',
    never,
    () => /resultsPerPage: expected a whole number from 1 to 100, found "many"/.test(shop.log()) || null,
  );
  assert.equal(await shop.digest(), after, 'what cannot be used changes nothing');
  assert.match((await shop.get('/metrics')).text, /^shop_configs_refused_total 1$/m);
  assert.match((await shop.get('/metrics')).text, new RegExp(`^shop_config_info\\{digest="${after}"\\} 1$`, 'm'));

  shop.child.kill('SIGTERM');
  await once(shop.child, 'exit');
  assert.equal(existsSync(shop.files.pid), false);
});

test('an impatient api fails a real share of its requests and counts them, also before the first', async () => {
  const shop = await startShop('api', example('shop-impatient.json'));
  assert.match((await shop.get('/metrics')).text, /^shop_requests_total\{code="503",route="\/price"\} 0$/m);
  let failures = 0;
  for (let sku = 0; sku < 64; sku++) failures += (await shop.get(`/price?sku=${sku}`)).status === 503 ? 1 : 0;
  assert.ok(failures > 5, `${failures} of 64 failed`);
  assert.match(
    (await shop.get('/metrics')).text,
    new RegExp(`^shop_requests_total\\{code="503",route="/price"\\} ${failures}$`, 'm'),
  );
  const { runs } = JSON.parse((await shop.get('/history')).text);
  assert.equal(runs.length, 1);
  assert.deepEqual([runs[0].requests, runs[0].failures], [64, failures]);
  assert.ok(runs[0].firstFailureAtMs >= runs[0].loadedAtMs);
});

test('requests that nobody should send get an answer', async () => {
  const shop = await startShop('web', example('shop-impatient.json'));
  assert.equal((await shop.get('/price?sku=1')).status, 404, 'a web does not know prices');
  assert.equal((await shop.get('//')).status, 400);
  assert.equal((await shop.get('/search?q=%ff')).status, 200);
});
