import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter, Gauge, Histogram, Registry, type RegistryContentType } from 'prom-client';
import type { ScrapedMetric } from '../../core/topology/metric.ts';
import { parseExposition } from './exposition.ts';
import { readMetrics } from './readMetrics.ts';
import { parseSeriesSelector } from './seriesSelector.ts';

const PAGE = `# TYPE shop_requests_total counter
shop_requests_total{code="200",path="/"} 90
shop_requests_total{code="404",path="/"} 5
shop_requests_total{code="500",path="/"} 2
shop_requests_total{code="503",path="/price"} 3
# TYPE shop_orders counter
shop_orders_total 12
# TYPE shop_new_total counter
# TYPE shop_labelled_total counter
# TYPE shop_open gauge
shop_open 4
# TYPE shop_latency histogram
shop_latency_bucket{le="1"} 7
shop_latency_sum 3.5
shop_latency_count 9
unsaid_total 8
unsaid 6
broken_total{a="1"} NaN
below_total -1
twice_total{a="1",b="2"} 1
twice_total{b="2",a="1"} 2
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1700000000.5
`;

function readAs(watch: ScrapedMetric, page: string = PAGE) {
  const exposition = parseExposition(page);
  assert.ok(exposition.ok);
  const reading = readMetrics(exposition.value, { it: watch });
  const metric = reading.metrics.it;
  assert.ok(metric);
  return { reading, metric };
}

function read(counter: string, page: string = PAGE) {
  const { reading, metric } = readAs({ counter }, page);
  assert.ok('series' in metric);
  const total = metric.series.values().reduce((sum, value) => sum + value, 0);
  return { ...metric, total, reading };
}

describe('counters of a page', () => {
  // biome-ignore format: a table
  const READ: readonly (readonly [counter: string, present: boolean, total: number, why: string])[] = [
    ['shop_requests_total', true, 100, 'all series'],
    ['shop_requests_total{}', true, 100, 'no matchers'],
    ['shop_requests_total{code="200"}', true, 90, 'equal'],
    ['shop_requests_total{code=~"5.."}', true, 5, 'an expression, anchored'],
    ["shop_requests_total{code=~'5'}", true, 0, 'an expression matches the whole value'],
    ['shop_requests_total{code!="200"}', true, 10, 'not equal'],
    ['shop_requests_total{code!~"2..|4.."}', true, 5, 'no match'],
    ['shop_requests_total { code = "500" , path = "/" , }', true, 2, 'two matchers, spaces, a comma at the end'],
    ['shop_requests_total{region=""}', true, 100, 'a label that is not there is empty'],
    ['shop_requests_total{region!="eu"}', true, 100, 'a label that is not there is not eu'],
    ['shop_requests_total{code="599"}', true, 0, 'nothing has failed yet: that is a count of 0'],
    ['shop_requests_total{cod="500"}', false, 0, 'law 16: a misspelt label would read 0 for ever'],
    ['shop_requests', false, 0, 'law 16: a misspelt name'],
    ['shop_orders_total', true, 12, 'OpenMetrics: the family has no ending'],
    ['shop_orders', false, 0, 'OpenMetrics: the family is no series'],
    ['shop_new_total', true, 0, 'declared, nothing counted yet'],
    ['shop_labelled_total{code="500"}', false, 0, 'declared, and its labels are not known yet'],
    ['shop_latency_count', true, 9, 'of a histogram'],
    ['shop_latency_bucket{le="1"}', true, 7, 'of a histogram'],
    ['unsaid_total', true, 8, 'no type said'],
    ['unsaid', true, 6, 'no type said, asked for by name'],
  ];
  for (const [counter, present, total, why] of READ) {
    it(`${counter}: ${why}`, () => {
      const found = read(counter);
      assert.deepEqual([found.present, found.total, found.problem], [present, total, '']);
    });
  }

  // biome-ignore format: a table
  const PROBLEMS: readonly (readonly [counter: string, says: RegExp])[] = [
    ['shop_open', /^shop_open is not a counter but a gauge$/],
    ['broken_total', /^broken_total{a="1"} is NaN/],
    ['below_total', /^below_total{} is -1/],
    ['twice_total', /shown twice/],
    ['shop_requests_total{code=~"("}', /the label code: .* "\)" is missing/],
    ['shop requests', /expected nothing more at character 6/],
    ['{code="5"}', /expected the name of a metric at character 1/],
    ['a{b}', /expected =, !=, =~ or !~ at character 4/],
    ['a{b=c}', /expected a value in quotes at character 5/],
    ['a{b="c"', /expected "," or "}"/],
    [String.raw`a{b="\q"}`, /the escapes/],
  ];
  for (const [counter, says] of PROBLEMS) {
    it(`cannot be read: ${counter}`, () => {
      const found = read(counter);
      assert.equal(found.present, false);
      assert.match(found.problem, says);
    });
  }

  it('names the counters there are, for whoever misspelt one', () => {
    const { exposed, processStart } = read('unsaid').reading;
    assert.deepEqual(exposed.counters, [
      'below_total',
      'broken_total',
      'shop_labelled_total',
      'shop_latency_bucket',
      'shop_latency_count',
      'shop_new_total',
      'shop_orders_total',
      'shop_requests_total',
      'twice_total',
      'unsaid_total',
    ]);
    assert.equal(processStart, 1700000000.5);
    const many = Array.from({ length: 500 }, (_, index) => `c${index}_total 1`).join('\n');
    assert.equal(read('c1_total', many).reading.exposed.counters.length, 200);
  });

  it('does not look at values that are too long to be looked at', () => {
    assert.match(read('a{x=~"y*"}', `a{x="${'y'.repeat(2000)}"} 1`).problem, /more than 1024 characters/);
  });

  it('reads escapes and all three kinds of quotes in a selector', () => {
    for (const [counter, value] of [
      [String.raw`a{b="\"\\\n"}`, '"\\\n'],
      [String.raw`a{b='\''}`, "'"],
      ['a{b=`\\n`}', '\\n'],
    ] as const) {
      const selector = parseSeriesSelector(counter);
      assert.ok(selector.ok, selector.ok ? '' : selector.error);
      assert.ok(selector.value.matchers[0]?.matches(value), counter);
    }
  });
});

const GAUGES = `# TYPE open gauge
open{pool="a"} 3
open{pool="b"} 4.5
open{pool="c"} NaN
# TYPE none_yet gauge
# TYPE temperature gauge
temperature -40
# TYPE wait_seconds summary
wait_seconds{quantile="0.5"} 0.1
wait_seconds{quantile="0.99"} 2
wait_seconds_sum 12
wait_seconds_count 30
# TYPE requests_total counter
requests_total 7
# TYPE endless gauge
endless +Inf
unsaid 9
`;

describe('gauges of a page', () => {
  // biome-ignore format: a table
  const READ: readonly (readonly [gauge: string, present: boolean, values: readonly number[], why: string])[] = [
    ['open', true, [3, 4.5], 'all series, but those that cannot be measured now'],
    ['open{pool="b"}', true, [4.5], 'one series'],
    ['open{pool="c"}', true, [], 'there, and without a value'],
    ['open{pol="c"}', false, [], 'law 16: a misspelt label'],
    ['none_yet', true, [], 'declared, without a series so far'],
    ['temperature', true, [-40], 'below zero'],
    ['wait_seconds{quantile="0.99"}', true, [2], 'a quantile of a summary'],
    ['unsaid', true, [9], 'no type said'],
    ['opne', false, [], 'law 16: a misspelt name'],
  ];
  for (const [gauge, present, values, why] of READ) {
    it(`${gauge}: ${why}`, () => {
      const { metric } = readAs({ gauge }, GAUGES);
      assert.ok('series' in metric);
      assert.deepEqual([metric.present, [...metric.series.values()], metric.problem], [present, values, '']);
    });
  }

  // biome-ignore format: a table
  const PROBLEMS: readonly (readonly [gauge: string, says: RegExp])[] = [
    ['requests_total', /^requests_total is not a gauge but a counter$/],
    ['wait_seconds_sum', /^wait_seconds_sum is not a gauge but a sum$/],
    ['endless', /^endless{} is Infinity, which no gauge can be$/],
  ];
  for (const [gauge, says] of PROBLEMS) {
    it(`cannot be read: ${gauge}`, () => {
      const { metric } = readAs({ gauge }, GAUGES);
      assert.equal(metric.present, false);
      assert.match(metric.problem, says);
    });
  }

  it('are named, for whoever misspelt one', () => {
    assert.deepEqual(readAs({ gauge: 'open' }, GAUGES).reading.exposed, {
      counters: ['requests_total', 'wait_seconds_count'],
      gauges: ['endless', 'none_yet', 'open', 'temperature', 'wait_seconds'],
      histograms: [],
    });
  });

  it('a name that would mislead whoever reads it is not told', () => {
    const { exposed } = readAs({ gauge: 'open' }, '# TYPE \u001b[2Jopen gauge\n# TYPE open gauge\n').reading;
    assert.deepEqual(exposed.gauges, ['open']);
  });
});

const HISTOGRAMS = `# TYPE latency histogram
latency_bucket{path="/",le="0.5"} 3
latency_bucket{path="/",le="0.1"} 1
latency_bucket{path="/",le="+Inf"} 4
latency_sum{path="/"} 2.5
latency_count{path="/"} 4
latency_bucket{path="/pay",le="0.1"} 0
latency_bucket{path="/pay",le="0.5"} 2
latency_bucket{path="/pay",le="+Inf"} 2
latency_sum{path="/pay"} 0.6
latency_count{path="/pay"} 2
# TYPE none_yet histogram
# TYPE counted histogram
counted_bucket{le="1"} 2
counted_sum 9
counted_count 5
unsaid_bucket{le="1"} 2
unsaid_bucket{le="+Inf"} 3
unsaid_sum 4
# TYPE falling histogram
falling_bucket{le="1"} 2
falling_bucket{le="2"} 1
falling_bucket{le="+Inf"} 2
falling_sum 4
# TYPE twice histogram
twice_bucket{le="1"} 2
twice_bucket{le="1.0"} 2
twice_bucket{le="+Inf"} 2
twice_sum 4
# TYPE endless histogram
endless_bucket{le="1"} 2
endless_sum 4
# TYPE sumless histogram
sumless_bucket{le="+Inf"} 4
# TYPE strange histogram
strange_bucket{le="one"} 4
strange_sum 4
# TYPE missing histogram
missing_bucket{le="+Inf"} 4
missing_sum NaN
# TYPE odd histogram
odd_bucket{le="1"} NaN
odd_bucket{le="+Inf"} 4
odd_sum 2
# TYPE open gauge
open 3
`;

describe('classic histograms of a page', () => {
  const [INF, slash, pay] = [Number.POSITIVE_INFINITY, '{path="/"}', '{path="/pay"}'];
  const OF_PAY = { bounds: [0.1, 0.5, INF], counts: [0, 2, 0], sum: 0.6 };
  // biome-ignore format: a table
  const READ: readonly (readonly [histogram: string, present: boolean, sketches: Readonly<Record<string, unknown>>, why: string])[] = [
    ['latency', true, { [slash]: { bounds: [0.1, 0.5, INF], counts: [1, 2, 1], sum: 2.5 }, [pay]: OF_PAY }, 'all series, whatever the order'],
    ['latency{path=~".+y"}', true, { [pay]: OF_PAY }, 'one series'],
    ['latency{path="/new"}', true, {}, 'nothing there yet'],
    ['latency{pth="/"}', false, {}, 'law 16: a misspelt label'],
    ['latncy', false, {}, 'law 16: a misspelt name'],
    ['none_yet', true, {}, 'declared, nothing observed so far'],
    ['counted', true, { '{}': { bounds: [1, INF], counts: [2, 3], sum: 9 } }, 'no last bucket, but a count'],
    ['unsaid', true, { '{}': { bounds: [1, INF], counts: [2, 1], sum: 4 } }, 'no type said'],
  ];
  for (const [histogram, present, sketches, why] of READ) {
    it(`${histogram}: ${why}`, () => {
      const { metric } = readAs({ histogram }, HISTOGRAMS);
      assert.ok('sketches' in metric);
      assert.deepEqual([metric.present, Object.fromEntries(metric.sketches), metric.problem], [present, sketches, '']);
    });
  }

  // biome-ignore format: a table
  const PROBLEMS: readonly (readonly [histogram: string, says: RegExp])[] = [
    ['latency{le="0.5"}', /^latency: le is a label of its buckets/],
    ['latency_bucket', /^latency_bucket is not a histogram but a counter$/],
    ['open', /^open is not a histogram but a gauge$/],
    ['falling', /^falling{} counts 1 up to 2, and 2 up to 1$/],
    ['twice', /^twice{} has two buckets up to 1$/],
    ['endless', /^endless{} has neither a bucket up to \+Inf nor a count$/],
    ['sumless', /^sumless{} has no sum$/],
    ['strange', /^strange{} has a bucket up to "one"$/],
    ['missing', /^missing{} has the sum NaN: something was observed that is no finite number$/],
    ['odd', /^odd{} counts NaN up to 1/],
  ];
  for (const [histogram, says] of PROBLEMS) {
    it(`cannot be read: ${histogram}`, () => {
      const { metric } = readAs({ histogram }, HISTOGRAMS);
      assert.equal(metric.present, false);
      assert.match(metric.problem, says);
    });
  }

  it('are named, for whoever misspelt one', () => {
    const { histograms } = readAs({ histogram: 'latency' }, HISTOGRAMS).reading.exposed;
    assert.deepEqual(histograms.slice(0, 6), ['counted', 'endless', 'falling', 'latency', 'missing', 'none_yet']);
  });
});

it('OpenMetrics shows the same, as prom-client writes it', async () => {
  const shown = async (contentType: RegistryContentType) => {
    const registry = new Registry<RegistryContentType>();
    registry.setContentType(contentType);
    const requests = new Counter({ name: 'requests_total', help: 'x', labelNames: ['code'], registers: [registry] });
    const latency = new Histogram({ name: 'latency', help: 'x', buckets: [0.1, 1], registers: [registry] });
    const open = new Gauge({ name: 'open', help: 'x', registers: [registry] });
    requests.inc({ code: '200' }, 7);
    for (const value of [0.05, 0.5, 0.7, 3]) latency.observe(value);
    open.set(4.5);
    const text = await registry.metrics();
    assert.equal(text.includes('# EOF'), contentType === Registry.OPENMETRICS_CONTENT_TYPE);
    const exposition = parseExposition(text);
    assert.ok(exposition.ok, exposition.ok ? '' : exposition.error);
    const watches = {
      requests: { counter: 'requests_total{code="200"}' },
      latency: { histogram: 'latency' },
      open: { gauge: 'open' },
    };
    return readMetrics(exposition.value, watches).metrics;
  };
  const [prometheus, openMetrics] = [
    await shown(Registry.PROMETHEUS_CONTENT_TYPE),
    await shown(Registry.OPENMETRICS_CONTENT_TYPE),
  ];
  assert.deepEqual(openMetrics, prometheus);
  for (const { present, problem } of Object.values(openMetrics)) assert.deepEqual([present, problem], [true, '']);
});
