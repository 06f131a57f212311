import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { MetricFamilySchema, MetricType } from '../../wire/prometheus/generated/metrics_pb.ts';
import { parseExposition, type Sample } from './exposition.ts';
import { parseProtobufExposition } from './protobufExposition.ts';
import { readMetrics } from './readMetrics.ts';
import { seriesKey } from './selectSeries.ts';
import { GO_PAGES } from './testing/goClient/goPages.ts';

type Family = MessageInitShape<typeof MetricFamilySchema>;

function page(...families: readonly Family[]): Uint8Array {
  return Buffer.concat(
    families.map((family) => {
      const body = toBinary(MetricFamilySchema, create(MetricFamilySchema, family));
      assert.ok(body.length < 128);
      return Buffer.concat([Uint8Array.of(body.length), body]);
    }),
  );
}

const asLines = (samples: readonly Sample[]) =>
  samples.map(({ name, labels, value }) => `${name}${seriesKey(labels)} ${value}`).sort();

describe('the protobuf format', () => {
  it('shows the same as the text format, to the letter', () => {
    for (const { protobuf, text } of GO_PAGES) {
      const [fromBytes, fromText] = [parseProtobufExposition(protobuf), parseExposition(text)];
      assert.ok(fromBytes.ok && fromText.ok);
      assert.deepEqual(asLines(fromBytes.value.samples), asLines(fromText.value.samples));
      assert.deepEqual(fromBytes.value.types, fromText.value.types);
      const natives = new Set(fromBytes.value.natives.map(({ name }) => name));
      assert.deepEqual(natives, new Set(['change', 'fine', 'idle_seconds', 'latency_seconds']));
    }
  });

  it('a selector means the same in both', () => {
    const [{ protobuf, text } = { protobuf: new Uint8Array(), text: '' }] = GO_PAGES;
    const [fromBytes, fromText] = [parseProtobufExposition(protobuf), parseExposition(text)];
    assert.ok(fromBytes.ok && fromText.ok);
    const watches = {
      failed: { counter: 'requests_total{code="500"}' },
      small: { counter: 'size_bytes_bucket{le="1e+06"}' },
      open: { gauge: 'open' },
      waited: { gauge: 'wait_seconds{quantile="0.99"}' },
      size: { histogram: 'size_bytes' },
    };
    const [read, wanted] = [readMetrics(fromBytes.value, watches), readMetrics(fromText.value, watches)];
    assert.deepEqual(read, wanted);
    for (const { present, problem } of Object.values(read.metrics)) assert.deepEqual([present, problem], [true, '']);
  });

  // biome-ignore format: a table
  const REFUSED: readonly (readonly [bytes: Uint8Array, says: RegExp, why: string])[] = [
    [Uint8Array.of(5, 1, 2), /^family 1: the answer ends within it$/, 'cut off'],
    [Buffer.concat([page({ name: 'a' }), Uint8Array.of(200)]), /^family 2: the answer ends within it$/, 'cut off in a length'],
    [new Uint8Array(20).fill(255), /^family 1: the answer ends within it$/, 'a length without an end'],
    [Uint8Array.of(2, 0x0a, 9), /^family 1: not a MetricFamily/, 'a field that goes on beyond the message'],
    [Buffer.from('a 1\nb 2\n'), /^family 1: the answer ends within it$/, 'text'],
    [new Uint8Array(20_001), /^there are more than 20000 families$/, 'too many families'],
    [page({ name: 'a', type: MetricType.COUNTER, metric: [{}] }), /^family 1: a counter without a value$/, 'no value'],
    [page({ name: 'a', type: MetricType.GAUGE, metric: [{ counter: { value: 1 } }] }), /a gauge without a value/, 'a value of another type'],
    [page({ name: 'a', type: MetricType.HISTOGRAM, metric: [{ gauge: { value: 1 } }] }), /a histogram without a value/, 'no histogram'],
    [page({ name: 'a', type: MetricType.SUMMARY, metric: [{}] }), /a summary without a value/, 'no summary'],
  ];
  for (const [bytes, says, why] of REFUSED) {
    it(`refuses the whole for ${why}`, () => {
      const parsed = parseProtobufExposition(bytes);
      assert.ok(!parsed.ok);
      assert.match(parsed.error, says);
    });
  }

  it('a type that nobody knows yet is passed over', () => {
    const parsed = parseProtobufExposition(page({ name: 'a', type: 9 as MetricType, metric: [{}] }));
    assert.deepEqual(parsed.ok && [parsed.value.types.get('a'), parsed.value.samples], ['unknown', []]);
  });

  it('never throws, whatever the bytes, and neither does reading from them', () => {
    const whole = GO_PAGES[0]?.protobuf ?? new Uint8Array();
    const bent = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), whole));
    const watches = Object.fromEntries(
      ['latency_seconds', 'change', 'fine', 'idle_seconds', 'size_bytes'].map((histogram) => [
        histogram,
        { histogram },
      ]),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), bent), (bytes) => {
        const parsed = parseProtobufExposition(bytes);
        if (!parsed.ok) return;
        for (const reading of Object.values(readMetrics(parsed.value, watches).metrics)) {
          assert.ok('sketches' in reading);
          for (const { bounds, counts, sum } of reading.sketches.values()) {
            assert.ok(Number.isFinite(sum) && counts.every((count) => count >= 0 && Number.isFinite(count)));
            assert.ok(bounds.every((bound, at) => bound > (bounds[at - 1] ?? Number.NEGATIVE_INFINITY)));
            assert.equal(bounds.length, counts.length);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('takes no more than the bytes are worth: 4 MiB of the worst', () => {
    const size = 4 * 1024 * 1024;
    const family = (bytes: Uint8Array) => Buffer.concat([varint(bytes.length), bytes]);
    for (const bytes of [
      new Uint8Array(size),
      family(new Uint8Array(size).map((_, at) => (at % 2 === 0 ? 0x22 : 0))),
      Buffer.concat(Array.from({ length: size / 4 }, () => Uint8Array.of(3, 0x0a, 1, 0x61))),
    ])
      parseProtobufExposition(bytes);
  });
});

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}
