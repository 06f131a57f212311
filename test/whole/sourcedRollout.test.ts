import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  prometheusConfig,
  type RealServer,
  startPrometheus,
  until,
  withoutPrometheus,
} from '../../src/adapters/source/testing/realServer.ts';
import { type ShopExporter, startShopExporter } from '../../src/adapters/source/testing/shopExporter.ts';
import { changeManifest, startFleet, startTestServer, type TestServer } from '../../src/apps/cli/testing/fleet.ts';
import type { SourceStatusBody } from '../../src/wire/http/source.ts';
import type { VerdictBody } from '../../src/wire/http/verdict.ts';

/*
 * Rollouts that are judged by Prometheus alone, with the manifests of its guide as they stand there: only the address is another one,
 * and bakes are shorter. Server, agents, Prometheus and services are real.
 */

const GUIDE = readFileSync(new URL('../../docs/guides/prometheus.md', import.meta.url), 'utf8');
const NAMES = ['shop-1', 'shop-2', 'shop-3'];

interface Rollout {
  readonly rollout: {
    readonly id: string;
    readonly phase: string;
    readonly stage: number;
    readonly holds: readonly { readonly reason: string }[];
  };
  readonly verdicts: readonly VerdictBody[];
}

describe('a rollout that Prometheus judges', { skip: withoutPrometheus }, () => {
  let server: TestServer;
  let fleet: AsyncDisposable;
  let shops: readonly ShopExporter[];
  let prometheus: RealServer;
  let traffic: NodeJS.Timeout;
  /** Of each hundred requests to a service, by its place. */
  let failing: readonly number[] = [0, 0, 0];

  before(async () => {
    shops = await Promise.all(NAMES.map(() => startShopExporter()));
    traffic = setInterval(() => {
      for (const [index, shop] of shops.entries()) {
        shop.serve('200', 100 - (failing[index] ?? 0));
        if ((failing[index] ?? 0) > 0) shop.serve('500', failing[index] ?? 0);
        shop.load(0.5);
      }
    }, 50);
    const targets = NAMES.map((name, index) => [name, shops[index]?.address ?? ''] as const);
    prometheus = await startPrometheus(prometheusConfig(Object.fromEntries(targets)));
    server = await startTestServer();
    fleet = await startFleet(server, 'auto');
    await prometheus.kill();
    const blocks = [...GUIDE.matchAll(/^```yaml\n(apiVersion: ringfence.*?)^```/gms)].map(([, block = '']) => block);
    const stdin = blocks
      .join('---\n')
      .replace('http://127.0.0.1:9090', prometheus.url)
      .replaceAll('minimum: 2m', 'minimum: 3s')
      .replace('window: 10s', 'window: 1s');
    const { stderr } = await server.run(['apply', '-f', '-'], { stdin });
    assert.equal(stderr, '');
  });
  after(async () => {
    clearInterval(traffic);
    await fleet?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await prometheus?.remove();
    await Promise.all((shops ?? []).map((shop) => shop.close()));
  });

  const show = (id: string) => server.json<Rollout>(['rollout', 'show', id]);
  const becomes = (id: string, what: string, wanted: (rollout: Rollout) => boolean) => {
    let last: Rollout;
    const look = async () => {
      last = await show(id);
      return wanted(last) && last;
    };
    return until(`${id} to be ${what}`, look, () => [last.rollout.phase, last.rollout.holds, last.verdicts]);
  };
  const plan = (change: string) => server.run(['plan', change]);

  test('law 16: is not begun while its source is down, and the plan says so', async () => {
    const refused = await until('the source to be seen as down', async () => {
      const { stdout, stderr } = await plan('first');
      return /cannot be reached/.test(stdout + stderr) && stdout + stderr;
    });
    assert.match(
      refused.replace(/\s+/g, ' '),
      /check "errors" uses metric "failures" \(.* from prom\), which cannot be known now: Prometheus at/,
    );
    await prometheus.restart();
    await until(
      'the plan to be free',
      async () => (await plan('first')).code === 0,
      () => server.run(['get', 'sources', '--json']),
    );
  });

  test('law 2: waits while its source is away, and goes on to its end when it is back', async () => {
    const started = await server.json<Rollout>(['rollout', 'start', 'first']);
    const { id } = started.rollout;
    await becomes(id, 'baking', ({ rollout }) => rollout.phase === 'baking');
    await prometheus.kill();
    const { verdicts } = await becomes(id, 'without a verdict', (found) => found.verdicts[0]?.outcome === 'error');
    assert.equal(verdicts[0]?.cause, 'source-down');
    assert.match(verdicts[0]?.says ?? '', /Prometheus at \S+ cannot be reached/);
    // Long after the bake could have ended, it has not.
    const asked = async () => (await server.json<{ items: readonly SourceStatusBody[] }>(['get', 'sources'])).items[0];
    await until('it to have been down for longer than the bake', async () => {
      const source = await asked();
      return source?.state === 'source-down' && Date.now() - Date.parse(source.since) > 6_000;
    });
    const { rollout } = await show(id);
    assert.deepEqual([rollout.phase, rollout.stage], ['baking', 0]);
    await prometheus.restart();
    await becomes(id, 'at its end', (found) => found.rollout.phase === 'completed');
  });

  test('goes back when the changed target fails as Prometheus sees it', async () => {
    await server.run(['apply', '-f', '-'], { stdin: changeManifest('second', '{"size": 9}') });
    await until('the plan to be free', async () => (await plan('second')).code === 0);
    const { id } = (await server.json<Rollout>(['rollout', 'start', 'second'])).rollout;
    await becomes(id, 'baking', ({ rollout }) => rollout.phase === 'baking');
    failing = [40, 0, 0];
    const { rollout, verdicts } = await becomes(id, 'back', (found) => found.rollout.phase === 'rolledBack');
    assert.equal(rollout.stage, 0);
    assert.equal(verdicts.find(({ check }) => check === 'errors')?.outcome, 'fail');
  });
});
