import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type RealServer,
  startAlertmanager,
  startPrometheus,
  until,
  withoutAlertmanager,
  withoutPrometheus,
} from '../../src/adapters/source/testing/realServer.ts';
import { startOtelShop } from '../../src/adapters/source/testing/startOtelShop.ts';
import { startFleet, startTestServer, type TestServer } from '../../src/apps/cli/testing/fleet.ts';
import type { SourceStatusBody } from '../../src/wire/http/source.ts';

/* The guides of sources, followed as they are written, with everything real: only addresses and names of targets are other ones. */

const guide = (name: string) => readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8');
const blocksOf = (text: string, begins: string) =>
  [...text.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block = '']) => (block.startsWith(begins) ? [block] : []));

describe('the guides of sources', { skip: withoutPrometheus || withoutAlertmanager }, () => {
  let server: TestServer;
  let fleet: AsyncDisposable;
  const running: RealServer[] = [];

  before(async () => {
    server = await startTestServer();
    fleet = await startFleet(server, 'auto');
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    for (const each of running) await each.remove();
  });

  const apply = async (manifest: string) => {
    // What the fleet's own pipeline counts stays there.
    const counters =
      '    asked: { counter: requests_total }\n    broken: { counter: \'requests_total{code="500"}\' }\n';
    const stdin = manifest.replace('  metrics:\n', `  metrics:\n${counters}`);
    assert.equal((await server.run(['apply', '-f', '-'], { stdin })).stderr, '');
  };
  const source = async () => (await server.json<{ items: readonly SourceStatusBody[] }>(['get', 'sources'])).items[0];
  const becomes = (what: string, wanted: (found: SourceStatusBody) => boolean) =>
    until(
      what,
      async () => {
        const found = await source();
        return found !== undefined && wanted(found) && found;
      },
      () => server.json(['get', 'sources']),
    );

  test('docs/guides/alertmanager.md: alerts and the one that always fires, from Prometheus by Alertmanager', async () => {
    const alertmanager = await startAlertmanager({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] });
    running.push(alertmanager);
    const [manifest = ''] = blocksOf(guide('alertmanager'), 'apiVersion');
    await apply(manifest.replace('http://127.0.0.1:9093', alertmanager.url));
    const silent = await becomes('it to be down while nobody sends alerts', ({ state }) => state === 'source-down');
    assert.match(silent.says, /has no alert \{alertname="Watchdog"\}, which always fires/);

    const [rules = ''] = blocksOf(guide('alertmanager'), 'groups:');
    const paged =
      "      - { alert: Slow, expr: vector(1), labels: { severity: page, job: shop, instance: 'shop-2' } }\n";
    const file = join(server.folder, 'rules.yml');
    writeFileSync(file, rules + paged);
    const config = {
      global: { evaluation_interval: '1s' },
      rule_files: [file],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
    };
    running.push(await startPrometheus(JSON.stringify(config)));
    const well = await becomes('it to be well', ({ state }) => state === 'ok');
    assert.deepEqual(
      well.metrics.map(({ metric, targets }) => [metric, targets]),
      [['paged', 3]],
    );
  });

  test('docs/guides/opentelemetry.md: a program that is set up by its environment', async () => {
    const text = guide('opentelemetry');
    const [token = ''] = blocksOf(text, 'ringfence token');
    assert.equal((await server.run(token.trim().split(' ').slice(1))).stderr, '');
    const [manifest = ''] = blocksOf(text, 'apiVersion');
    await apply(manifest);
    const [variables = ''] = blocksOf(text, 'OTEL_');
    const env = Object.fromEntries(
      variables
        .replace('http://127.0.0.1:4600', server.http)
        .replace('$(cat otlp.token)', readFileSync(join(server.folder, 'otlp.token'), 'utf8').trim())
        .replace('shop-eu-1', 'shop-3')
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replaceAll('"', '')]),
    );
    const shop = startOtelShop({ env });
    try {
      await shop.order({ count: 5, code: '200' });
      await shop.order({ observe: [0.2] });
      await shop.order({ gauge: 0.5 });
      await shop.order({ flush: true });
      const { metrics } = await becomes('it to be heard', ({ name, state }) => name === 'otlp' && state === 'ok');
      const heard = metrics.map(({ metric, targets }) => [metric, targets]);
      assert.deepEqual(heard, [
        ['requests', 1],
        ['failures', 1],
        ['duration', 1],
        ['load', 1],
      ]);
    } finally {
      await shop.close();
    }
  });
});
