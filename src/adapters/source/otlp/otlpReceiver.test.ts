import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ManualClock } from '../../../../test/support/manualClock.ts';
import { askSources, type SourceUnderTest } from '../../../../test/support/sourceUnderTest.ts';
import type { MetricFault } from '../../../core/analysis/metricFault.ts';
import { ExportMetricsServiceRequestSchema } from '../../../wire/otlp/generated/metrics_pb.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const target = 'service.instance.id';
const METRICS = {
  requests: { otlp: 'requests', target },
  failures: { otlp: 'requests', where: { code: '500' }, target },
  took: { otlp: 'took', target },
  load: { otlp: 'load', target },
} as const;

let asked: SourceUnderTest;
let clock: ManualClock;
afterEach(() => asked?.close());

function begin(more: object = {}): void {
  clock = new ManualClock();
  asked = askSources({ sources: {}, metrics: METRICS, clock, ...more });
}

type Attributes = Readonly<Record<string, string | number | boolean>>;
const pairs = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => {
    const kind = typeof value === 'string' ? 'stringValue' : typeof value === 'boolean' ? 'boolValue' : 'doubleValue';
    return { key, value: { [kind]: value } };
  });
const nanos = (at: number) => String(BigInt(at) * 1_000_000n);
const CUMULATIVE = { aggregationTemporality: 2, isMonotonic: true };
const SINCE_START = { aggregationTemporality: 2 };
const DELTA = { aggregationTemporality: 1, isMonotonic: true };

interface Sent {
  readonly of?: string;
  readonly attributes?: Attributes;
  readonly resource?: Attributes;
  /** Before now; `null`: not said. */
  readonly startedMs?: number | null;
  readonly ageMs?: number;
}

function send(
  name: string,
  data: object,
  point: object,
  { of = 'shop-1', attributes = {}, resource = {}, startedMs = 0, ageMs = 0 }: Sent = {},
) {
  const [kind, more] = Object.entries(data)[0] as [string, object];
  const now = clock.now();
  const times = {
    timeUnixNano: nanos(now - ageMs),
    ...(startedMs === null ? {} : { startTimeUnixNano: nanos(now - startedMs) }),
  };
  const dataPoints = [{ ...times, attributes: pairs(attributes), ...point }];
  const request = {
    resourceMetrics: [
      {
        resource: { attributes: pairs({ [target]: of, ...resource }) },
        scopeMetrics: [{ scope: { name: 'test' }, metrics: [{ name, [kind]: { ...more, dataPoints } }] }],
      },
    ],
  };
  return asked.receiver.take(fromJson(ExportMetricsServiceRequestSchema, request as JsonValue));
}
const count = (value: number, startedMs: number | null, more: Sent = {}) =>
  send('requests', { sum: CUMULATIVE }, { asDouble: value }, { startedMs, ...more });
const grown = (name = 'shop-1', metric = 'requests') => asked.sum(name, metric);

describe('what is sent of a counter', () => {
  it('is what it has grown by, of every series, with the time that covers', async () => {
    begin();
    count(1000, 60 * MINUTE, { attributes: { code: '200' } });
    assert.equal(grown(), 0, 'what was there before the first report is no growth');
    await clock.advance(10 * SECOND);
    count(1030, 60 * MINUTE + 10 * SECOND, { attributes: { code: '200' } });
    await clock.advance(10 * SECOND);
    count(1031, 60 * MINUTE + 20 * SECOND, { attributes: { code: '200' } });
    count(5, 60 * MINUTE + 20 * SECOND, { attributes: { code: '500' } });
    assert.deepEqual([grown(), grown('shop-1', 'failures')], [36, 5]);
    await clock.advance(10 * SECOND);
    for (const code of ['200', '500']) count(1040, 60 * MINUTE + 30 * SECOND, { attributes: { code } });
    const minutes = asked.measured('shop-1', 'requests').map((each) => Number(each.minutes.toFixed(4)));
    assert.deepEqual(minutes, [0.1667, 0.1667, 0, 0.1667, 0], 'no time is counted twice');
  });

  it('is 0 and known where only other values of the same attribute are counted', async () => {
    begin();
    count(10, 5 * MINUTE, { attributes: { code: '200' } });
    await clock.advance(10 * SECOND);
    count(20, 5 * MINUTE + 10 * SECOND, { attributes: { code: '200' } });
    assert.deepEqual(
      asked.measured('shop-1', 'failures').map(({ figures }) => figures),
      [[0]],
    );
    assert.equal(asked.state('failures')?.state, 'ok');
  });

  it('begins anew with its start, at 0', async () => {
    begin();
    count(500, 5 * MINUTE);
    await clock.advance(10 * SECOND);
    count(7, 4 * SECOND);
    assert.equal(grown(), 7);
  });

  it('begins anew without a start when it falls', async () => {
    begin();
    count(500, null);
    await clock.advance(10 * SECOND);
    count(510, null);
    await clock.advance(10 * SECOND);
    count(4, null);
    assert.equal(grown(), 14);
  });

  it('is counted once, however often it is sent and in whichever order', async () => {
    begin();
    count(500, 5 * MINUTE);
    await clock.advance(10 * SECOND);
    const later = () => count(520, 5 * MINUTE + 10 * SECOND);
    later();
    later();
    count(515, 5 * MINUTE + 10 * SECOND, { ageMs: 5 * SECOND });
    assert.deepEqual([grown(), asked.faults.size], [20, 0]);
  });

  it('is as it comes where only what is new is sent', async () => {
    begin();
    const more = (value: number) =>
      send('requests', { sum: DELTA }, { asInt: String(value) }, { startedMs: 10 * SECOND });
    more(3);
    await clock.advance(10 * SECOND);
    more(4);
    more(4);
    assert.deepEqual([grown(), asked.faults.size], [7, 0]);
  });

  it('is left out where it covers so long a time that nobody knows what was in force', async () => {
    begin();
    count(500, 5 * MINUTE);
    await clock.advance(3 * MINUTE);
    count(900, 8 * MINUTE);
    assert.equal(grown(), 0);
    await clock.advance(10 * SECOND);
    count(901, 8 * MINUTE + 10 * SECOND);
    assert.equal(grown(), 1);
  });

  it('of another process that has run for long says at first nothing', async () => {
    begin();
    count(500, 5 * MINUTE, { resource: { pod: 'a' } });
    await clock.advance(10 * SECOND);
    count(90_000, 60 * MINUTE, { resource: { pod: 'b' } });
    assert.equal(grown(), 0);
    await clock.advance(10 * SECOND);
    count(90_002, 60 * MINUTE + 10 * SECOND, { resource: { pod: 'b' } });
    assert.equal(grown(), 2);
  });
});

describe('what is sent', () => {
  it('goes to the service that the resource names, and to all that know the target where it names none', () => {
    begin();
    count(5, 5 * SECOND, { resource: { 'service.name': 'shop' } });
    assert.equal(grown(), 5);
    count(5, 5 * SECOND, { of: 'shop-2', resource: { 'service.name': 'elsewhere' } });
    assert.equal(grown('shop-2'), 5);
  });

  it('that names no target is said, and a fault where nothing names one', () => {
    begin();
    count(5, 5 * SECOND, { of: 'bakery-1' });
    assert.match(
      asked.faults.get('requests')?.says ?? '',
      /names no target of the service in its attribute service\.instance\.id \("bakery-1"\)/,
    );
    count(5, 5 * SECOND);
    assert.equal(asked.faults.get('requests'), undefined);
    count(6, 5 * SECOND, { of: 'bakery-1' });
    assert.deepEqual(
      [asked.faults.size, asked.state('requests')?.says],
      [0, 'what names no target is left out: "bakery-1"'],
    );
  });

  it('of a histogram is what was observed, mean and buckets', async () => {
    begin();
    const observe = (counts: readonly string[], sum: number, startedMs: number) =>
      send(
        'took',
        { histogram: SINCE_START },
        {
          count: String(counts.reduce((all, each) => all + Number(each), 0)),
          sum,
          bucketCounts: counts,
          explicitBounds: [0.1, 1],
        },
        { startedMs },
      );
    observe(['5', '0', '1'], 9, 5 * MINUTE);
    await clock.advance(10 * SECOND);
    observe(['6', '2', '1'], 10.5, 5 * MINUTE + 10 * SECOND);
    const [{ figures } = assert.fail()] = asked.measured('shop-1', 'took');
    assert.deepEqual(figures, { bounds: [0.1, 1, Number.POSITIVE_INFINITY], counts: [1, 2, 0], sum: 1.5 });
  });

  it('is down when it stays away, and well when it is back', async () => {
    begin({ silentMs: MINUTE });
    count(5, 5 * SECOND);
    assert.equal(asked.faults.size, 0);
    await clock.advance(70 * SECOND);
    const { code, says } = asked.faults.get('requests') ?? assert.fail();
    assert.equal(code, 'source-down');
    assert.match(says, /^nothing of requests has been sent for any target of shop for 1m or more: see that its SDKs/);
    count(6, 75 * SECOND);
    assert.equal(asked.faults.get('requests'), undefined);
  });
});

type Fault = readonly [what: string, act: () => unknown, metric: string, code: MetricFault['code'], says: RegExp];
const load = (point: object, sent: Sent = {}) => send('load', { gauge: {} }, point, { startedMs: null, ...sent });
const histogram = (point: object) => send('took', { histogram: SINCE_START }, point, { startedMs: 5 * SECOND });
const FAULTS: readonly Fault[] = [
  [
    'a clock ahead',
    () => load({ asDouble: 1 }, { ageMs: -30 * SECOND }),
    'load',
    'clock-skew',
    /the target shop-1 sends points of a time that is 30s ahead of ours: set its clock/,
  ],
  [
    'a clock behind',
    () => load({ asDouble: 1 }, { ageMs: MINUTE }),
    'load',
    'source-slow',
    /sends points that are 1m old/,
  ],
  ['an end before the start', () => count(1, -2 * SECOND, {}), 'requests', 'clock-skew', /end before they start/],
  ['no time', () => load({ asDouble: 1, timeUnixNano: '0' }), 'load', 'source-error', /without a time/],
  ['no value', () => load({}), 'load', 'source-error', /sends a point without a value/],
  ['no number', () => load({ asDouble: 'NaN' }), 'load', 'source-error', /sends NaN, which is no measurement/],
  ['infinity', () => load({ asDouble: '-Infinity' }), 'load', 'source-error', /-Infinity/],
  ['less than nothing', () => count(-1, 5 * SECOND), 'requests', 'source-error', /-1 as a sum that only rises/],
  [
    'a sum of no time',
    () => send('requests', { sum: { isMonotonic: true } }, { asInt: '1' }),
    'requests',
    'source-error',
    /does not say since when/,
  ],
  [
    'changes of what also falls',
    () => send('load', { sum: { aggregationTemporality: 1 } }, { asInt: '1' }),
    'load',
    'source-error',
    /only the changes of a sum that also falls/,
  ],
  [
    'a summary',
    () => send('took', { summary: {} }, {}),
    'took',
    'source-error',
    /a summary, whose quantiles cannot be added up/,
  ],
  [
    'a histogram without a sum',
    () => histogram({ count: '1', bucketCounts: ['1'] }),
    'took',
    'source-error',
    /without its sum/,
  ],
  [
    'buckets without bounds',
    () => histogram({ count: '1', sum: 1, bucketCounts: ['1', '0'] }),
    'took',
    'source-error',
    /of 2 buckets with 0 bounds/,
  ],
  [
    'bounds that fall',
    () => histogram({ count: '1', sum: 1, bucketCounts: ['1', '0', '0'], explicitBounds: [2, 1] }),
    'took',
    'source-error',
    /whose bounds do not rise/,
  ],
  [
    'buckets that lie',
    () => histogram({ count: '2', sum: 1, bucketCounts: ['1'] }),
    'took',
    'source-error',
    /do not add up to its count/,
  ],
];

describe('what cannot be used is a fault, is rejected, and is forgotten when better is sent', () => {
  for (const [what, act, metric, code, says] of FAULTS) {
    it(what, async () => {
      begin();
      assert.equal((act() as { rejected: number }).rejected >= 1, true);
      const fault = asked.faults.get(metric) ?? assert.fail();
      assert.equal(fault.code, code);
      assert.match(fault.says, says);
      assert.deepEqual(asked.measured('shop-1', metric), []);
      await clock.advance(10 * SECOND);
      if (metric === 'load') load({ asDouble: 2 });
      if (metric === 'requests') count(2, 5 * SECOND);
      if (metric === 'took') histogram({ count: '1', sum: 1, bucketCounts: ['1'] });
      assert.equal(asked.faults.get(metric), undefined);
    });
  }

  it('a sum that falls without a new start', async () => {
    begin();
    count(500, 5 * MINUTE);
    await clock.advance(10 * SECOND);
    assert.match(count(400, 5 * MINUTE + 10 * SECOND).says, /has fallen, without a new start/);
  });

  it('two that send as one', async () => {
    begin();
    count(500, 5 * MINUTE);
    await clock.advance(10 * SECOND);
    assert.match(count(90, 2 * MINUTE).says, /overlaps with what it sent before: give each process a name of its own/);
    assert.equal(grown(), 0);
  });

  it('more series of one target than anybody needs', () => {
    begin();
    for (let user = 0; user < 500; user++) count(1, 5 * SECOND, { attributes: { user } });
    assert.match(count(1, 5 * SECOND, { attributes: { user: 501 } }).says, /more than 500 series of one target/);
  });

  it('of one target, while the others go on', () => {
    begin();
    load({ asDouble: 1 }, { ageMs: -MINUTE });
    load({ asDouble: 3 }, { of: 'shop-2' });
    assert.deepEqual(
      asked.measured('shop-2', 'load').map(({ figures }) => figures),
      [[3]],
    );
    assert.equal(asked.faults.get('load')?.code, 'clock-skew', 'nothing passes as long as one of them lies');
  });
});
