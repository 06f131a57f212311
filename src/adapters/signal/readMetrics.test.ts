import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

function read(counter: string, page: string = PAGE) {
  const exposition = parseExposition(page);
  assert.ok(exposition.ok);
  const reading = readMetrics(exposition.value, { it: { counter } });
  const metric = reading.metrics.it;
  assert.ok(metric && 'series' in metric);
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
