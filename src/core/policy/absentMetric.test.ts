import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MetricSpec } from '../topology/metric.ts';
import { absentMetric } from './absentMetric.ts';
import type { Conditions } from './conditions.ts';

const CONDITIONS: Conditions = {
  offline: new Set(),
  freezes: [],
  metric: () => 'absent',
  exposedCounters: ['shop_requests_total', 'shop_latency_seconds_count'],
  exposedGauges: ['shop_open', 'shop_memory_bytes'],
  exposedHistograms: ['shop_latency_seconds'],
  exposedChecks: ['alive', 'ready'],
  exposedComponents: ['', 'pipelines/traces'],
};

describe('law 16: a metric that is not there is told apart', () => {
  // biome-ignore format: a table
  const ABSENT: readonly (readonly [metric: MetricSpec, says: string, remedy: string, why: string])[] = [
    [{ counter: 'shop_request_total' }, 'expose no such counter', 'did you mean "shop_requests_total"?', 'misspelt'],
    [{ gauge: 'shop_opne' }, 'expose no such gauge', 'did you mean "shop_open"?', 'misspelt'],
    [{ histogram: 'shop_latency_second' }, 'expose no such histogram', 'did you mean "shop_latency_seconds"?', 'misspelt'],
    [{ histogram: 'waiting' }, 'expose no such histogram', 'known: shop_latency_seconds', 'nothing like it'],
    [{ gauge: 'shop_requests_total{code="500"}' }, 'expose no such gauge',
      'shop_requests_total is a counter: write counter: shop_requests_total, or name a gauge', 'another thing'],
    [{ counter: 'shop_open' }, 'expose no such counter', 'shop_open is a gauge: write gauge: shop_open, or name a counter', 'another thing'],
    [{ counter: 'shop_latency_seconds' }, 'expose no such counter',
      'shop_latency_seconds is a histogram: write histogram: shop_latency_seconds, or name a counter', 'another thing'],
    [{ counter: 'shop_requests_total{cod="500"}' }, 'expose no such counter',
      'there is shop_requests_total, but no series of it with all the labels that are asked for', 'a label'],
    [{ check: 'alvie' }, 'have no such check', 'did you mean "alive"?', 'misspelt'],
    [{ health: 'pipelines/trace' }, 'report no such component', 'did you mean "pipelines/traces"?', 'misspelt'],
  ];
  for (const [metric, says, remedy, why] of ABSENT)
    it(`${JSON.stringify(metric)}: ${why}`, () => assert.deepEqual(absentMetric(metric, CONDITIONS), { says, remedy }));

  it('where nothing is exposed there is nothing to suggest', () => {
    const none: Conditions = { offline: new Set(), freezes: [], metric: () => 'absent', exposedCounters: [] };
    for (const metric of [{ gauge: 'a' }, { histogram: 'a' }, { check: 'a' }, { health: 'a' }])
      assert.equal(absentMetric(metric, none).remedy, 'there is none');
  });
});
