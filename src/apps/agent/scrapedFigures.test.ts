import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import { GO_PAGES } from '../../adapters/signal/testing/goClient/goPages.ts';
import { servePages } from '../../adapters/signal/testing/goClient/servedPages.ts';
import { sumOfSketches } from '../../core/analysis/sketchChange.ts';
import { isSketch, type Sketch } from '../../core/analysis/targetSample.ts';
import { sameData } from '../../core/kernel/canonicalJson.ts';
import type { Service } from '../../core/topology/service.ts';
import { type AgentBench, agentBench, DIGESTS, FILES } from './testing/agentBench.ts';
import { startMeasuredService } from './testing/startMeasuredService.ts';

/** An agent beside something that shows its figures at `url`, and a server that wants these. */
async function watching(test: TestContext, url: string, metrics: Service['metrics']): Promise<AgentBench> {
  const bench = await agentBench(test);
  bench.spec = { ...bench.spec, checks: [], metrics: { url, everyMs: 50 } };
  bench.fleet.watch(metrics);
  await bench.startAgent();
  await eventually('every metric is heard of', () => {
    const heard = bench.fleet.observed.at(-1)?.observations ?? [];
    return heard.length === Object.keys(metrics).length && heard.every(({ present }) => present);
  });
  return bench;
}

/** Everything that the server was handed in of a histogram under a revision. */
function observed({ fleet }: AgentBench, metric: string, artifact: string | null): Sketch {
  return fleet.measurements
    .filter((each) => each.metric === metric && each.under?.artifact === artifact)
    .flatMap(({ figures }) => (isSketch(figures) ? figures : []))
    .reduce(sumOfSketches, { bounds: [], counts: [], sum: 0 });
}

const total = ({ counts }: Sketch) => counts.reduce((sum, count) => sum + count, 0);

/** The quantile of these values lies in the bucket in which the sketch says it is; so do all that may be asked for. */
function assertQuantiles(sketch: Sketch, values: readonly number[]): void {
  const sorted = values.toSorted((left, right) => left - right);
  for (const quantile of [0.1, 0.5, 0.9, 0.99]) {
    const rank = Math.ceil(quantile * sorted.length);
    const wanted = sorted[rank - 1] ?? Number.NaN;
    let upTo = 0;
    const at = sketch.counts.findIndex((count) => {
      upTo += count;
      return upTo >= rank;
    });
    const [below, bound] = [sketch.bounds[at - 1] ?? Number.NEGATIVE_INFINITY, sketch.bounds[at] ?? Number.NaN];
    assert.ok(wanted > below && wanted <= bound, `${quantile}: ${wanted} in (${below}, ${bound}]`);
  }
}

describe('figures that a real service shows reach the server', { concurrency: 2 }, () => {
  it('histograms and gauges of prom-client, for each revision what came under it', async (test) => {
    const service = await startMeasuredService();
    test.after(() => service.kill());
    await service.observe([9, 9, 9]);
    const bench = await watching(test, `${service.url}/metrics`, {
      latency: { histogram: 'latency_seconds' },
      open: { gauge: 'open' },
    });
    const { fleet } = bench;

    const before = Array.from({ length: 200 }, (_, index) => 0.01 + 0.004 * index);
    await service.observe(before);
    await eventually('all are there', () => total(observed(bench, 'latency', DIGESTS.old)) === before.length);
    assertQuantiles(observed(bench, 'latency', DIGESTS.old), before);

    fleet.order({ candidate: DIGESTS.good });
    await eventually('the new one is counted', () =>
      fleet.observed.at(-1)?.observations.some(({ artifact }) => artifact === DIGESTS.good),
    );
    const after = Array.from({ length: 100 }, (_, index) => 0.02 + 0.015 * index);
    await service.observe(after);
    await eventually('all are there', () => total(observed(bench, 'latency', DIGESTS.good)) === after.length);
    const sketch = observed(bench, 'latency', DIGESTS.good);
    assertQuantiles(sketch, after);
    assert.ok(
      Math.abs(sketch.sum - after.reduce((sum, value) => sum + value, 0)) < 1e-9,
      'nothing of the revision before, nor from before the agent was there',
    );
    assert.equal(total(observed(bench, 'latency', DIGESTS.old)), before.length);

    await service.open(17);
    const shown = () =>
      fleet.measurements
        .filter(({ metric }) => metric === 'open')
        .flatMap(({ figures }) => (isSketch(figures) ? [] : figures));
    await eventually('the gauge is heard of', () => shown().includes(17));
    assert.deepEqual(new Set(shown()), new Set([0, 17]));
    const covered = fleet.measurements
      .filter(({ metric, under }) => metric === 'latency' && under?.artifact === DIGESTS.good)
      .reduce((sum, { minutes }) => sum + minutes, 0);
    const said = fleet.observed.at(-1)?.observations.find(({ metric }) => metric === 'latency')?.countedMs ?? 0;
    assert.ok(said > 0 && Math.abs(covered * 60_000 - said) < 2, 'as long as it was counted');
  });

  it('native histograms of a client in Go', async (test) => {
    const pages = await servePages();
    test.after(() => pages.close());
    const bench = await watching(test, `http://${pages.address}/metrics`, {
      all: { histogram: 'latency_seconds' },
      pay: { histogram: 'latency_seconds{path="/pay"}' },
    });
    const values = (key: string, ...moments: readonly number[]) =>
      moments.flatMap((moment) => GO_PAGES[moment]?.values[key] ?? []);
    const seen = (metric: string) => observed(bench, metric, DIGESTS.old);
    for (const moment of [1, 2]) {
      pages.show(moment);
      const since = moment === 1 ? [1] : [1, 2];
      const pay = values('latency /pay', ...since);
      await eventually('all are there', () => total(seen('pay')) === pay.length);
      assertQuantiles(seen('pay'), pay);
      const all = [...pay, ...values('latency /', ...since)];
      await eventually('all are there', () => total(seen('all')) === all.length);
      assertQuantiles(seen('all'), all);
      assert.ok(seen('all').bounds.length > 30, 'in more buckets than the classic ones');
    }
    assert.ok(bench.fleet.observed.at(-1)?.exposedHistograms?.includes('latency_seconds'));
  });

  it('how long its checks have passed', async (test) => {
    const bench = await agentBench(test);
    const { fleet } = bench;
    fleet.watch({ alive: { check: 'alive' }, whole: { health: '' }, other: { check: 'other' } });
    await bench.startAgent();
    const said = (healthy: boolean) =>
      eventually(`it is ${healthy ? 'well' : 'unwell'}`, () => fleet.reports.at(-1)?.checks[0]?.healthy === healthy);
    const measured = () => {
      const before = fleet.measurements.length;
      fleet.sample({ windowMsOf: () => 1, fault: () => {} });
      return fleet.measurements.slice(before).filter(({ metric }) => metric !== 'work');
    };
    await said(true);
    measured();
    await eventually('well all the time', () => {
      const now = measured();
      const names = now.map(({ metric }) => metric).sort();
      return JSON.stringify(names) === '["alive","whole"]' && now.every(({ figures }) => sameData(figures, [1]));
    });
    writeFileSync(bench.file, FILES.sick);
    await bench.reload();
    await said(false);
    measured();
    await eventually('unwell all the time', () => {
      const now = measured();
      return now.length === 2 && now.every(({ figures, minutes }) => sameData(figures, [0]) && minutes > 0);
    });
    await bench.server.close();
    await eventually('away: nothing is known', () => measured().length === 0);
  });
});
