import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CheckSpec } from '../analysis/checkSpec.ts';
import type { MetricSpec } from '../topology/metric.ts';
import { sayMisfit } from './metricFits.ts';

const named = { name: 'one', effect: 'guardrail', margin: { absolute: 1 } } as const;
const SHARE: CheckSpec = { ...named, kind: 'failureProportion', failures: 'failures', total: 'total' };
const RATE: CheckSpec = { ...named, kind: 'eventRate', events: 'events' };
const GONE: CheckSpec = { ...named, kind: 'vanished', events: 'events', atLeast: 0.5 };
const MEAN: CheckSpec = { ...named, kind: 'mean', metric: 'level', worse: 'higher' };
const TAIL: CheckSpec = { ...named, kind: 'quantile', metric: 'level', quantile: 0.99 };
const WELL: CheckSpec = { ...named, kind: 'health', metric: 'well' };

const from = { query: 'a', source: 'prom', target: 'instance' } as const;
const VALUE: MetricSpec = from;
const COUNT: MetricSpec = { ...from, as: 'counter' };
const ALERT: MetricSpec = { alert: { a: 'b' }, source: 'alerts', target: 'instance' };

const TABLE: readonly (readonly [check: CheckSpec, metric: MetricSpec, says: RegExp | null])[] = [
  [SHARE, COUNT, null],
  [RATE, COUNT, null],
  [GONE, COUNT, null],
  [MEAN, VALUE, null],
  [TAIL, VALUE, null],
  [WELL, VALUE, null],
  [WELL, ALERT, null],
  [SHARE, VALUE, /reads counts, and its query gives values: ask for the counter itself, and say as: counter$/],
  [RATE, VALUE, /reads counts, and its query gives values/],
  [GONE, VALUE, /reads counts, and its query gives values/],
  [MEAN, COUNT, /"mean" reads values, and its query counts \(as: counter\)$/],
  [TAIL, COUNT, /reads values, and its query counts/],
  [WELL, COUNT, /reads values, and its query counts/],
  [SHARE, ALERT, /reads counts \(counter, query, otlp\), and it is of kind "alert"$/],
  [MEAN, { counter: 'a_total' }, /reads a level .*, and it is of kind "counter"$/],
];

for (const [check, metric, says] of TABLE) {
  it(`${check.kind} of ${JSON.stringify(metric)} ${says === null ? 'fits' : 'does not fit'}`, () => {
    const found = sayMisfit(check, metric);
    if (says === null) assert.equal(found, null);
    else assert.match(found ?? '', says);
  });
}
