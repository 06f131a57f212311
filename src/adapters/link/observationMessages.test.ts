import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { create, fromBinary, type MessageInitShape, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { AssignmentSet, TargetObservation, TargetObservations } from '../../engine/ports/fleet.ts';
import * as pb from '../../wire/agent/generated/agent_pb.ts';
import { decodeAssignmentSet, encodeAssignmentSet } from './agentMessages.ts';
import { FIELD_LIMITS } from './fieldLimits.ts';
import { decodeObservations, encodeObservations } from './observationMessages.ts';
import { earlierAssignment, earlierObservations } from './testing/earlierAgentProto.ts';

const name = fc.stringMatching(/^[a-z_/]{1,20}$/);
const amount = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Digest => `sha256:${bytes.toHex()}`);
const sketch: fc.Arbitrary<Sketch> = fc
  .uniqueArray(fc.tuple(fc.double({ noNaN: true, min: -1e9 }), amount), {
    selector: ([bound]) => bound + 0,
    maxLength: 20,
  })
  .map((buckets) => buckets.sort(([left], [right]) => left - right))
  .chain((buckets) =>
    finite.map((sum) => ({ bounds: buckets.map(([bound]) => bound), counts: buckets.map(([, count]) => count), sum })),
  );
const readings = fc
  .tuple(fc.array(finite, { maxLength: FIELD_LIMITS.readings }), fc.nat())
  .map(([last, more]) => ({ taken: last.length + more, last }));
const observation: fc.Arbitrary<TargetObservation> = fc
  .record({
    said: fc.record({
      metric: name,
      slot: name,
      artifact: fc.option(digest),
      epoch: fc.maxSafeNat(),
      present: fc.boolean(),
    }),
    countedMs: fc.option(fc.maxSafeNat()),
    counted: fc.oneof(
      amount.map((total) => ({ total })),
      sketch.map((each) => ({ sketch: each })),
      readings.map((each) => ({ readings: each })),
    ),
  })
  .map(({ said, countedMs, counted }) => ({ ...said, ...(countedMs === null ? {} : { countedMs }), ...counted }));
const observations: fc.Arbitrary<TargetObservations> = fc
  .record({
    observations: fc.array(observation, { maxLength: 4 }),
    exposedCounters: fc.array(name, { maxLength: 10 }),
    exposedGauges: fc.array(name, { maxLength: 10 }),
    exposedHistograms: fc.array(name, { maxLength: 10 }),
    scrapeError: fc.string({ maxLength: 60, unit: 'binary' }),
  })
  .map((each) => ({ ...each }));

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(observations, (value) => {
      assert.deepEqual(decodeObservations(encodeObservations(value)), { ok: true, value });
    }),
  );
});

test('more than may be said is cut, and not refused', () => {
  const one: TargetObservation = { metric: 'it', slot: 'a', artifact: null, epoch: 1, present: true, total: 1 };
  const many = Array.from({ length: FIELD_LIMITS.observations + 1 }, () => one);
  const names = Array.from({ length: FIELD_LIMITS.exposed + 1 }, (_, index) => `n${index}`);
  const said = { exposedCounters: names, exposedGauges: ['x'.repeat(FIELD_LIMITS.name + 1)], scrapeError: '' };
  const decoded = decodeObservations(encodeObservations({ observations: many, ...said }));
  assert.ok(decoded.ok);
  assert.equal(decoded.value.observations.length, FIELD_LIMITS.observations);
  assert.deepEqual([decoded.value.exposedCounters.length, decoded.value.exposedGauges], [FIELD_LIMITS.exposed, []]);
});

test('any bytes at all give an answer', () => {
  const bent = fc
    .tuple(observations.map(encodeObservations), fc.nat(), fc.nat(255))
    .map(([bytes, at, byte]) => (bytes.length === 0 ? bytes : bytes.with(at % bytes.length, byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), bent), (bytes) => {
      assert.equal(typeof decodeObservations(bytes).ok, 'boolean');
    }),
    { numRuns: 1000 },
  );
});

const NUMBERS = Array.from({ length: FIELD_LIMITS.bounds + 1 }, (_, index) => index);
const sketchOf = (change: MessageInitShape<typeof pb.SketchSchema>) =>
  ({ case: 'sketch', value: create(pb.SketchSchema, { bounds: [1, 2], counts: [3, 4], sum: 9, ...change }) }) as const;
const readingsOf = (taken: bigint, last: number[]) =>
  ({ case: 'readings', value: create(pb.ReadingsSchema, { taken, last }) }) as const;
const totalOf = (value: number) => ({ case: 'total', value }) as const;

// biome-ignore format: a table
const MALFORMED: readonly (readonly [why: string, counted: MessageInitShape<typeof pb.ObservationSchema>['counted'], at: string])[] = [
  ['a total that is NaN', totalOf(Number.NaN), 'total'],
  ['a negative total', totalOf(-1), 'total'],
  ['an infinite total', totalOf(Number.POSITIVE_INFINITY), 'total'],
  ['a bound that is NaN', sketchOf({ bounds: [1, Number.NaN] }), 'sketch.bounds[1]'],
  ['a bound below all', sketchOf({ bounds: [Number.NEGATIVE_INFINITY, 1] }), 'sketch.bounds[0]'],
  ['bounds that fall', sketchOf({ bounds: [2, 1] }), 'sketch.bounds[1]'],
  ['a bound twice', sketchOf({ bounds: [2, 2] }), 'sketch.bounds[1]'],
  ['a bound without a count', sketchOf({ counts: [3] }), 'sketch.counts'],
  ['too many bounds', sketchOf({ bounds: NUMBERS, counts: NUMBERS }), 'sketch.bounds'],
  ['a negative count', sketchOf({ counts: [3, -1] }), 'sketch.counts[1]'],
  ['a sum that is none', sketchOf({ sum: Number.NaN }), 'sketch.sum'],
  ['a reading that is none', readingsOf(2n, [1, Number.NaN]), 'readings.last[1]'],
  ['more readings than were taken', readingsOf(1n, [1, 2]), 'readings.taken'],
  ['too many readings', readingsOf(1000n, NUMBERS), 'readings.last'],
];

for (const [why, counted, at] of MALFORMED) {
  test(`malformed: ${why}`, () => {
    const whole = create(pb.ObservationSchema, {
      metric: 'requests',
      slot: 'config/shop',
      ...(counted && { counted }),
    });
    const bytes = toBinary(pb.ObservationsSchema, create(pb.ObservationsSchema, { observations: [whole] }));
    const decoded = decodeObservations(bytes);
    assert.equal(decoded.ok ? 'accepted' : decoded.error.at, `observations[0].${at}`);
  });
}

describe('agents and servers of the first release, which knew of counters alone', () => {
  const set: AssignmentSet = {
    service: 'shop',
    role: 'web',
    assignments: [],
    watches: { requests: { counter: 'requests_total' }, open: { gauge: 'open' }, latency: { histogram: 'latency' } },
    confirmWithinMs: 1,
    permits: [],
    keys: [],
    serverTime: 7,
  };

  test('such an agent is told of counters, and of nothing it would take for one', () => {
    const heard = toJson(earlierAssignment, fromBinary(earlierAssignment, encodeAssignmentSet(set)));
    assert.deepEqual(heard, {
      service: 'shop',
      role: 'web',
      watches: [{ metric: 'requests', counter: 'requests_total' }],
      confirmWithinMs: 1,
      serverTimeMs: '7',
    });
  });

  test('such a server is understood by an agent of today', () => {
    const said = toBinary(
      earlierAssignment,
      create(earlierAssignment, {
        service: 'shop',
        role: 'web',
        confirmWithinMs: 1,
        serverTimeMs: 7n,
        watches: [{ metric: 'requests', counter: 'requests_total' }],
      } as object),
    );
    const watches = { requests: { counter: 'requests_total' } };
    assert.deepEqual(decodeAssignmentSet(said), { ok: true, value: { ...set, watches } });
  });

  test('what such an agent has counted arrives, also where it is 0', () => {
    const counted = { slot: 'config/shop', epoch: 3n, present: true };
    const said = create(earlierObservations, {
      observations: [
        { ...counted, metric: 'requests', total: 12 },
        { ...counted, metric: 'failures', total: 0 },
      ],
      exposedCounters: ['requests_total'],
    } as object);
    const decoded = decodeObservations(toBinary(earlierObservations, said));
    assert.ok(decoded.ok);
    assert.deepEqual(
      decoded.value.observations.map((each) => [each.metric, 'total' in each && each.total, each.countedMs]),
      [
        ['requests', 12, undefined],
        ['failures', 0, undefined],
      ],
    );
  });

  test('such a server reads the counts of an agent of today, also where they are 0', () => {
    const counted = { slot: 'config/shop', artifact: null, epoch: 3, present: true, countedMs: 1000 };
    const bytes = encodeObservations({
      observations: [
        { ...counted, metric: 'requests', total: 12 },
        { ...counted, metric: 'failures', total: 0 },
      ],
      exposedCounters: ['requests_total'],
      exposedGauges: ['open'],
      exposedHistograms: ['latency'],
      scrapeError: '',
    });
    assert.deepEqual(toJson(earlierObservations, fromBinary(earlierObservations, bytes)), {
      observations: [
        { metric: 'requests', slot: 'config/shop', epoch: '3', total: 12, present: true },
        { metric: 'failures', slot: 'config/shop', epoch: '3', present: true },
      ],
      exposedCounters: ['requests_total'],
    });
  });
});
