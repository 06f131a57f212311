import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sketchSince } from '../../core/analysis/sketchChange.ts';
import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { ScrapedMetric } from '../../core/topology/metric.ts';
import { systemClock } from '../clock/systemClock.ts';
import { systemHost } from '../host/systemHost.ts';
import {
  prometheusConfig,
  type RealServer,
  startPrometheus,
  until,
  withoutPrometheus,
} from '../source/testing/realServer.ts';
import { prometheusScrape } from './prometheusScrape.ts';
import { type ServedPages, servePages } from './testing/goClient/servedPages.ts';

interface Answered {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, { count: string; sum: string; buckets: [number, string, string, string][] }];
}

/** Debian's Prometheus reads the same pages as the agent: what both make of them has to be the same. */
describe('beside a real Prometheus', { skip: withoutPrometheus }, () => {
  let pages: ServedPages;
  let prometheus: RealServer;
  before(async () => {
    pages = await servePages();
    prometheus = await startPrometheus(prometheusConfig({ 'shop-1': pages.address }), ['native-histograms']);
  });
  after(async () => {
    await prometheus?.remove();
    await pages?.close();
  });

  async function ask(query: string): Promise<readonly Answered[]> {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { readonly data: { readonly result: readonly Answered[] } };
    return data.result;
  }

  async function scrape(address: string, watch: ScrapedMetric) {
    const metrics = prometheusScrape({ url: `http://${address}/metrics`, everyMs: 1_000 }, systemHost(systemClock));
    const reading = await metrics.read({ it: watch }, new AbortController().signal);
    assert.ok(reading.ok, reading.ok ? '' : reading.error);
    const { it: metric } = reading.value.metrics;
    assert.ok(metric?.present, metric?.problem ?? 'not read');
    return metric;
  }

  /** The only series that is meant. */
  async function sketchOf(address: string, histogram: string): Promise<Sketch> {
    const metric = await scrape(address, { histogram });
    assert.ok('sketches' in metric);
    const [sketch, ...others] = metric.sketches.values();
    assert.ok(sketch !== undefined && others.length === 0);
    return sketch;
  }

  const total = ({ counts }: Pick<Sketch, 'counts'>) => counts.reduce((sum, count) => sum + count, 0);

  for (const page of [0, 1, 2]) {
    for (const histogram of [
      'latency_seconds{path="/"}',
      'latency_seconds{path="/pay"}',
      'change',
      'fine',
      'idle_seconds',
    ]) {
      it(`native buckets of ${histogram}, moment ${page}`, async () => {
        pages.show(page);
        const sketch = await sketchOf(pages.address, histogram);
        const theirs = await until('Prometheus to have read that page', async () => {
          const [found] = await ask(histogram);
          return found?.histogram?.[1].count === String(total(sketch)) && found.histogram[1];
        });
        assert.ok(Math.abs(Number(theirs.sum) - sketch.sum) < 1e-9 * (1 + Math.abs(sketch.sum)));
        let upTo = 0;
        sketch.bounds.forEach((bound, index) => {
          upTo += sketch.counts[index] ?? 0;
          const below = (theirs.buckets ?? []).filter(
            ([, , right]) => Number(right) <= bound + Math.abs(bound) * 1e-12,
          );
          assert.equal(upTo, total({ counts: below.map(([, , , count]) => Number(count)) }), `up to ${bound}`);
        });
      });
    }
  }

  it('quantiles lie in the same buckets', async () => {
    pages.show(2);
    const sketch = await sketchOf(pages.address, 'latency_seconds{path="/"}');
    for (const quantile of [0.5, 0.9, 0.99]) {
      const query = `histogram_quantile(${quantile}, latency_seconds{path="/"})`;
      await until(`the ${quantile} quantile to be the same`, async () => {
        const value = Number((await ask(query))[0]?.value?.[1]);
        const upTo = sketch.counts.map((_, index) => total({ counts: sketch.counts.slice(0, index + 1) }));
        const at = upTo.findIndex((count) => count >= quantile * total(sketch));
        return value <= (sketch.bounds[at] ?? 0) * (1 + 1e-9) && value >= (sketch.bounds[at - 1] ?? 0) * (1 - 1e-9);
      });
    }
  });

  it('asks for protobuf only where it wants a histogram', async () => {
    const counted = await scrape(pages.address, { counter: 'requests_total' });
    assert.ok('series' in counted);
    await sketchOf(pages.address, 'change');
    assert.ok(pages.asked.at(-2)?.startsWith('text/plain;version=0.0.4'));
    assert.ok(pages.asked.at(-1)?.startsWith('application/vnd.google.protobuf'));
  });

  it("Prometheus's own classic histogram counts what we ask of it", async () => {
    const address = prometheus.url.slice('http://'.length);
    const healthy = async (times: number) => {
      for (let count = 0; count < times; count++) await (await fetch(`${prometheus.url}/-/healthy`)).arrayBuffer();
    };
    await healthy(1);
    const histogram = 'prometheus_http_request_duration_seconds{handler="/-/healthy"}';
    const before = await sketchOf(address, histogram);
    await healthy(20);
    const gained = sketchSince(before, await sketchOf(address, histogram));
    assert.ok(gained);
    assert.equal(total(gained), 20);
    assert.ok(gained.sum > 0 && gained.bounds.length > 5);
  });
});
