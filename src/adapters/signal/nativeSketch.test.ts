import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { sketchSince } from '../../core/analysis/sketchChange.ts';
import type { Sketch } from '../../core/analysis/targetSample.ts';
import { HistogramSchema } from '../../wire/prometheus/generated/metrics_pb.ts';
import { nativeSketch } from './nativeSketch.ts';
import { parseProtobufExposition } from './protobufExposition.ts';
import { labelValue } from './selectSeries.ts';
import { GO_PAGES } from './testing/goClient/goPages.ts';

const histogram = (shown: MessageInitShape<typeof HistogramSchema>) => create(HistogramSchema, shown);

function read(shown: MessageInitShape<typeof HistogramSchema>): Sketch {
  const sketch = nativeSketch(histogram(shown));
  assert.ok(sketch.ok, sketch.ok ? '' : sketch.error);
  return sketch.value;
}

/** At every bound it says how many of these there are up to there. */
function assertHolds({ bounds, counts, sum }: Sketch, values: readonly number[]): void {
  let upTo = 0;
  bounds.forEach((bound, index) => {
    upTo += counts[index] ?? 0;
    assert.equal(upTo, values.filter((value) => value <= bound).length, `up to ${bound}`);
  });
  assert.equal(upTo, values.length);
  const total = values.reduce((whole, value) => whole + value, 0);
  assert.ok(Math.abs(sum - total) <= 1e-9 * (1 + Math.abs(total)));
}

/** Sketches of one histogram, moment after moment, and what had been observed by then. */
function shownByGo(name: string, path: string, key: string) {
  const seen: number[] = [];
  return GO_PAGES.map(({ protobuf, values }) => {
    const parsed = parseProtobufExposition(protobuf);
    assert.ok(parsed.ok);
    const found = parsed.value.natives.find(
      (each) => each.name === name && (labelValue(each.labels, 'path') ?? '') === path,
    );
    assert.ok(found);
    const sketch = nativeSketch(found.histogram);
    assert.ok(sketch.ok, sketch.ok ? '' : sketch.error);
    const since = values[key] ?? [];
    seen.push(...since);
    return { sketch: sketch.value, seen: [...seen], since };
  });
}

// biome-ignore format: a table
const BY_GO: readonly (readonly [name: string, path: string, key: string])[] = [
  ['latency_seconds', '/', 'latency /'],
  ['latency_seconds', '/pay', 'latency /pay'],
  ['change', '', 'change'],
  ['fine', '', 'fine'],
  ['idle_seconds', '', 'idle'],
];

describe('native histograms as the official client shows them', () => {
  for (const [name, path, key] of BY_GO) {
    it(`${name} ${path}: what was observed, and what was observed since`, () => {
      const moments = shownByGo(name, path, key);
      moments.forEach(({ sketch, seen, since }, index) => {
        assertHolds(sketch, seen);
        assert.ok(sketch.bounds.length <= 162);
        const before = moments[index - 1];
        if (before === undefined) return;
        const gained = sketchSince(before.sketch, sketch);
        assert.ok(gained);
        assertHolds(gained, since);
      });
    });
  }

  it('the finest schema is made coarser until it is small enough, on bounds that stay', () => {
    const [first, , last] = shownByGo('fine', '', 'fine');
    assert.ok(first && last && last.sketch.counts.filter((count) => count > 0).length <= 80);
    const gained = sketchSince(first.sketch, last.sketch);
    assert.ok(gained && gained.bounds.length > 40);
  });
});

/** As a client in the given schema would show it, with whole counts or float ones. */
function shownAs(schema: number, values: readonly number[], zeroThreshold: number, floats: boolean) {
  const side = (sign: number) => {
    const counts = new Map<number, number>();
    for (const value of values) {
      const size = value * sign;
      if (size <= zeroThreshold) continue;
      // Just beyond a bound the logarithm may round to it.
      let index = Math.ceil(Math.log2(size) * 2 ** schema);
      if (2 ** (index * 2 ** -schema) < size) index++;
      if (2 ** ((index - 1) * 2 ** -schema) >= size) index--;
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    const sorted = [...counts].sort(([left], [right]) => left - right);
    let next = 0;
    let before = 0;
    return {
      span: sorted.map(([index]) => {
        const offset = index - next;
        next = index + 1;
        return { offset, length: 1 };
      }),
      delta: sorted.map(([, count]) => {
        const delta = BigInt(count - before);
        before = count;
        return delta;
      }),
      count: sorted.map(([, count]) => count),
    };
  };
  const [positive, negative] = [side(1), side(-1)];
  const zero = values.filter((value) => Math.abs(value) <= zeroThreshold).length;
  const sampleSum = values.reduce((sum, value) => sum + value, 0);
  const spans = { schema, zeroThreshold, sampleSum, positiveSpan: positive.span, negativeSpan: negative.span };
  return floats
    ? {
        ...spans,
        sampleCountFloat: values.length,
        zeroCountFloat: zero,
        positiveCount: positive.count,
        negativeCount: negative.count,
      }
    : {
        ...spans,
        sampleCount: BigInt(values.length),
        zeroCount: BigInt(zero),
        positiveDelta: positive.delta,
        negativeDelta: negative.delta,
      };
}

describe('native buckets', () => {
  it('are read in every schema, both signs, whole counts and float ones', () => {
    // Never on a bound: negative buckets take theirs in on the other side.
    const value = fc
      .tuple(fc.constantFrom(-1, 1, 0), fc.double({ min: 0.01, max: 5000, noNaN: true }))
      .map(([sign, size]) => sign * size);
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 60 }),
        fc.integer({ min: -4, max: 8 }),
        fc.constantFrom(0, 2 ** -10, 2 ** -128),
        fc.boolean(),
        (values, schema, zeroThreshold, floats) => {
          assertHolds(read(shownAs(schema, values, zeroThreshold, floats)), values);
        },
      ),
    );
  });

  it('have both their edges as bounds', () => {
    const shown = {
      schema: 0,
      sampleCount: 3n,
      sampleSum: 20,
      positiveSpan: [
        { offset: 1, length: 1 },
        { offset: 1, length: 1 },
      ],
      positiveDelta: [2n, -1n],
    };
    assert.deepEqual(read(shown), { bounds: [1, 2, 4, 8], counts: [0, 2, 0, 1], sum: 20 });
  });

  it('of nothing are none', () => {
    assert.deepEqual(read({ schema: 3, zeroThreshold: 2 ** -128 }), { bounds: [], counts: [], sum: 0 });
  });

  it('beyond what a number can be end at infinity', () => {
    const shown = {
      schema: -4,
      sampleCount: 2n,
      sampleSum: 1e300,
      positiveSpan: [{ offset: 64, length: 2 }],
      positiveDelta: [1n, 0n],
    };
    assert.deepEqual(read(shown), { bounds: [2 ** 1008, Number.POSITIVE_INFINITY], counts: [0, 2], sum: 1e300 });
  });

  const span = (offset: number, length: number) => ({ offset, length });
  // biome-ignore format: a table
  const REFUSED: readonly (readonly [shown: MessageInitShape<typeof HistogramSchema>, says: RegExp])[] = [
    [{ schema: 9 }, /^has the schema 9; -4 to 8 can be read$/],
    [{ schema: -53 }, /^has the schema -53/],
    [{ zeroThreshold: -1 }, /^has a zero bucket up to -1/],
    [{ zeroThreshold: Number.NaN }, /^has a zero bucket up to NaN/],
    [{ positiveSpan: [span(0, 2)], positiveDelta: [1n] }, /^names 2 buckets in its spans, and shows 1$/],
    [{ positiveDelta: [1n] }, /^names 0 buckets in its spans, and shows 1$/],
    [{ positiveSpan: [span(0, 4_000_000_000)] }, /^names 4000000000 buckets/],
    [{ sampleCount: 1n, positiveSpan: [span(0, 2)], positiveDelta: [1n, -2n] }, /^has a bucket with -1 observations$/],
    [{ positiveSpan: [span(0, 1)], positiveCount: [Number.NaN] }, /^has a bucket with NaN observations$/],
    [{ sampleCount: 2n, positiveSpan: [span(5, 1), span(-3, 1)], positiveDelta: [1n, 0n] }, /^has a span that begins before/],
    [{ sampleCount: 3n, positiveSpan: [span(0, 1)], positiveDelta: [2n] }, /^counts 3 observations, and its buckets hold 2$/],
    [{ sampleCount: 2n, zeroThreshold: 100, zeroCount: 1n, positiveSpan: [span(1, 1)], positiveDelta: [1n] }, /^has buckets that overlap$/],
    [{ positiveSpan: [span(0, 20_001)], positiveDelta: Array.from({ length: 20_001 }, () => 0n) }, /^shows 20001 buckets; at most 20000/],
  ];
  for (const [shown, says] of REFUSED) {
    it(`are refused: ${says.source}`, () => {
      const sketch = nativeSketch(histogram(shown));
      assert.match(sketch.ok ? 'accepted' : sketch.error, says);
    });
  }
});
