import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { askSources, type SourceStory, type SourceUnderTest } from '../../../test/support/sourceUnderTest.ts';
import type { MetricSpec } from '../../core/topology/metric.ts';
import { prometheusConfig, type RealServer, startPrometheus, until, withoutPrometheus } from './testing/realServer.ts';
import { type ShopExporter, startShopExporter } from './testing/shopExporter.ts';

/** Debian's Prometheus, which scrapes two real exporters; what is asked of it goes the whole way that it goes in a server. */
describe('a real Prometheus', { skip: withoutPrometheus }, () => {
  let shops: readonly [ShopExporter, ShopExporter];
  let config: string;
  let prometheus: RealServer;
  let asked: SourceUnderTest | null = null;

  before(async () => {
    shops = [await startShopExporter(), await startShopExporter()];
    config = prometheusConfig({ 'shop-1': shops[0].address, 'shop-2:9100': shops[1].address });
    prometheus = await startPrometheus(config);
  });
  after(async () => {
    await prometheus?.remove();
    for (const shop of shops ?? []) await shop.close();
  });

  const query = (text: string, more: object = {}): MetricSpec => ({
    query: text,
    source: 'prom',
    target: 'instance',
    ...more,
  });
  const counter = (text: string) => query(text, { as: 'counter' });
  async function asking(
    metrics: SourceStory['metrics'],
    story: (asked: SourceUnderTest) => Promise<void>,
    more: Partial<SourceStory> = {},
  ): Promise<void> {
    asked = askSources({ sources: { prom: { prometheus: { url: prometheus.url } } }, metrics, ...more });
    try {
      await story(asked);
    } finally {
      await asked.close();
    }
  }
  const faultOf = (metric: string, code: string) =>
    until(
      `${metric} to be ${code}`,
      () => asked?.faults.get(metric)?.code === code && asked.faults.get(metric),
      () => asked?.views(),
    );
  const healthy = (metric: string, targets = 2) =>
    until(
      `${metric} to be well`,
      () => asked?.state(metric)?.state === 'ok' && asked.state(metric)?.targets === targets,
      () => asked?.views(),
    );

  it('says of each target by exactly how much its counters have grown, also across restarts', async () => {
    const failures = 'shop_requests_total{code="500"} or 0 * shop_requests_total';
    const metrics = { requests: counter('shop_requests_total'), failures: counter(failures) };
    shops[0].serve('200', 1000);
    shops[1].serve('200', 5000);
    await asking(metrics, async (it) => {
      const { sum } = it;
      // What was there before it was first looked at is no growth.
      await until(
        'both to be looked at twice',
        () =>
          ['shop-1', 'shop-2'].every(
            (name) => it.measured(name, 'failures').length > 0 && it.measured(name, 'requests').length > 0,
          ),
        () => it.views(),
      );
      assert.deepEqual([sum('shop-1', 'requests'), sum('shop-2', 'requests')], [0, 0]);
      shops[0].serve('200', 90);
      shops[0].serve('500', 10);
      shops[1].serve('200', 7);
      await until(
        'all of it to be counted',
        () => sum('shop-1', 'requests') === 100 && sum('shop-2', 'requests') === 7,
        () => [sum('shop-1', 'requests'), sum('shop-2', 'requests')],
      );
      await until('the failures', () => sum('shop-1', 'failures') === 10);
      assert.equal(sum('shop-2', 'failures'), 0);
      shops[0].restart();
      shops[0].serve('200', 3);
      await until(
        'what came after a restart',
        () => sum('shop-1', 'requests') === 103,
        () => sum('shop-1', 'requests'),
      );
      for (const { minutes, ageMs = 0 } of it.measured('shop-1', 'requests'))
        assert.ok(minutes > 0 && minutes < 1 && ageMs >= 0, `${minutes} ${ageMs}`);
    });
  });

  it('gives values as they are, each sample once', async () => {
    shops[0].load(0.25);
    shops[1].load(4);
    await asking({ load: query('shop_load') }, async ({ measured }) => {
      await until('values', () => measured('shop-1', 'load').length > 1 && measured('shop-2', 'load').length > 1);
      assert.deepEqual(measured('shop-1', 'load')[1]?.figures, [0.25]);
      assert.deepEqual(measured('shop-2', 'load')[1]?.figures, [4]);
    });
  });

  it('is down when it is killed, and well again when it is back', async () => {
    await asking({ load: query('shop_load') }, async () => {
      await healthy('load');
      await prometheus.kill();
      const { says } = await faultOf('load', 'source-down');
      assert.match(
        says,
        /^Prometheus at http:\/\/127\.0\.0\.1:\d+\/api\/v1\/query cannot be reached \(.*ECONNREFUSED.*\): see that it runs/,
      );
      const fresh = asked?.measured('shop-1', 'load').length ?? 0;
      await prometheus.restart();
      await until(
        'new values',
        () => (asked?.measured('shop-1', 'load').length ?? 0) > fresh,
        () => asked?.views(),
      );
      assert.equal(asked?.faults.size, 0);
      assert.ok(asked?.logged.some((line) => line.startsWith('a source of metrics gives nothing that can be used')));
      assert.ok(asked?.logged.some((line) => line.startsWith('a source of metrics answers')));
    });
  });

  it('is slow when it is stopped, is not asked twice at the same time, and is well again when it goes on', async () => {
    await asking({ load: query('shop_load'), requests: counter('shop_requests_total') }, async () => {
      await healthy('load');
      prometheus.child.kill('SIGSTOP');
      try {
        const { says } = await faultOf('load', 'source-slow');
        assert.match(says, /has not answered within \d+ms: see how busy it is/);
        await faultOf('requests', 'source-slow');
      } finally {
        prometheus.child.kill('SIGCONT');
      }
      await healthy('load');
    });
  });

  it('is slow when it has stopped scraping, although it goes on answering with what it has', async () => {
    const metrics = { load: query('sum by (instance) (shop_load)'), requests: counter('shop_requests_total') };
    await asking(
      metrics,
      async () => {
        await healthy('load');
        await prometheus.restart(prometheusConfig({}));
        const answer = await fetch(`${prometheus.url}/api/v1/query?query=shop_load`);
        assert.match(await answer.text(), /"shop-1"/, 'it answers as if nothing was wrong');
        const { says } = await faultOf('load', 'source-slow');
        assert.match(says, /answers with samples that are \S+ old, and what is older than 3s is not the present/);
        await faultOf('requests', 'source-slow');
        await prometheus.restart(config);
        await healthy('load');
      },
      { freshMs: 2000 },
    );
  });

  it('loses one target alone when it can scrape that one no more, although the query goes on answering for it', async () => {
    const third = await startShopExporter();
    third.load(1);
    await prometheus.restart(prometheusConfig({ 'shop-1': shops[0].address, 'shop-3': third.address }));
    const metrics = { load: query('avg_over_time(shop_load[1h])') };
    await asking(
      metrics,
      async ({ state, faults }) => {
        await until(
          'both',
          () => state('load')?.targets === 2,
          () => state('load'),
        );
        await third.close();
        await until(
          'one',
          () => state('load')?.targets === 1,
          () => state('load'),
        );
        assert.equal(state('load')?.says.split(';')[0], 'the samples of 1 of 2 targets are too old to be taken');
        assert.equal(faults.size, 0);
      },
      { targets: ['shop-1', 'shop-3'] },
    );
    await prometheus.restart(config);
  });

  const WRONG: readonly (readonly [name: string, spec: MetricSpec, says: RegExp])[] = [
    [
      'a query that is none',
      query('shop_load{'),
      /answers with an error \(bad_data: .*parse error.*\): try the query there$/,
    ],
    ['one number', query('count(shop_load)'), /label instance names no target of the service \(""\)/],
    ['a scalar', query('1'), /answers the query with one number for all/],
    ['ranges', query('shop_load[1m]'), /answers the query with ranges of samples: wrap it in a function/],
    ['a text', query('"a"'), /answers the query with a text/],
    [
      'several series a target',
      query('{__name__=~"shop_load|up"}'),
      /answers with 2 series for the target shop-\d\S*: aggregate/,
    ],
    [
      'infinity',
      query('shop_load / 0'),
      /answers with Infinity for the target shop-\d\S*: see what the query divides by/,
    ],
    [
      'a counter below 0',
      counter('shop_load - 1000'),
      /answers with -\S+ for the target shop-\d\S*, which no counter can be/,
    ],
    ['another label', query('shop_load', { target: 'job' }), /label job names no target of the service \("shop"\)/],
  ];
  it('whatever is asked of it wrongly is said, and never passes', async () => {
    const metrics = Object.fromEntries(WRONG.map(([name, spec]) => [name, spec]));
    await asking({ ...metrics, load: query('shop_load') }, async ({ measured, faults }) => {
      await healthy('load');
      for (const [name, , says] of WRONG) {
        const fault = await faultOf(name, 'source-error');
        assert.match(fault.says, says);
        assert.deepEqual([measured('shop-1', name), measured('shop-2', name)], [[], []]);
      }
      assert.ok(!faults.has('load'), 'what is asked rightly is known all the while');
    });
  });

  it('that has nothing to say is no fault, but nothing is known', async () => {
    await asking({ none: query('shop_unheard_of'), ratio: query('0 * shop_load / (0 * shop_load)') }, async (it) => {
      await healthy('none', 0);
      await healthy('ratio');
      assert.deepEqual(it.measured('shop-1', 'none'), []);
      assert.deepEqual(it.measured('shop-1', 'ratio'), []);
      assert.equal(it.state('none')?.says, 'there are no series');
    });
  });

  it('is left alone when no manifest names it any more, and its faults with it', async () => {
    const sources = { prom: { prometheus: { url: prometheus.url } } };
    await asking({ broken: query('shop_load{') }, async ({ change, views, faults }) => {
      await faultOf('broken', 'source-error');
      change(sources, { load: query('shop_load') });
      await healthy('load');
      assert.equal(faults.size, 0);
      change({}, {});
      assert.deepEqual(views(), []);
    });
  });
});
