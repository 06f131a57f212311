import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { Permit, StageEvidence } from '../../core/policy/permit.ts';
import type { AnnouncedKey, Signed } from '../../core/policy/signed.ts';
import type { AssignmentSet, Confirmation, TargetPhase, TargetReport } from '../../engine/ports/fleet.ts';
import * as pb from '../../wire/agent/generated/agent_pb.ts';
import {
  decodeAssignmentSet,
  decodeConfirmation,
  decodeReport,
  encodeAssignmentSet,
  encodeConfirmation,
  encodeReport,
} from './agentMessages.ts';
import { FIELD_LIMITS } from './fieldLimits.ts';
import type { Malformed } from './malformed.ts';

/** Objects as literals make them; fast-check's own may lack a prototype. */
const shape = <Model>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }) =>
  fc.record(model, { noNullPrototype: true });
const name = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((word) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(word));
const text = fc.string({ maxLength: 60, unit: 'binary' });
const count = fc.maxSafeNat();
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Digest => `sha256:${bytes.toHex()}`);
const optionalDigest = fc.option(digest);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const PHASES: readonly TargetPhase[] = [
  'settled',
  'preparing',
  'applying',
  'verifying',
  'provisional',
  'reverting',
  'failed',
];
/** Names that are members of every object stand among the labels and metrics on purpose. */
const key = fc.oneof(name, fc.constantFrom('__proto__', 'constructor', 'toString'));
const record = <Value>(value: fc.Arbitrary<Value>) =>
  fc
    .uniqueArray(fc.tuple(key, value), { selector: ([first]) => first, maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs));

const candidate = shape({
  rollout: name,
  change: digest,
  artifact: digest,
  openings: fc.array(
    shape({
      stage: name,
      targets: record(fc.array(text, { maxLength: 4 })),
      below: share,
    }),
    { maxLength: 4 },
  ),
});

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString('hex'));
const signed = <T>(document: fc.Arbitrary<T>): fc.Arbitrary<Signed<T>> =>
  shape({ document, key: hex(8), signature: hex(64) });
const announcedKey: fc.Arbitrary<AnnouncedKey> = shape({
  id: hex(8),
  publicKey: hex(32),
  announcement: fc.option(signed(shape({ kind: fc.constant('key' as const), publicKey: hex(32) }))),
  retirement: fc.option(signed(shape({ kind: fc.constant('key-retired' as const), key: hex(8) }))),
});
const scope = { service: name, role: name, change: digest, rollout: name };
const evidence: fc.Arbitrary<StageEvidence> = shape({
  kind: fc.constant('evidence' as const),
  ...scope,
  stage: name,
  index: count,
  outcome: fc.constantFrom('pass' as const, 'no-data' as const),
  checks: fc.array(shape({ check: name, outcome: fc.constant('pass' as const), says: text }), { maxLength: 2 }),
  rehearsedAt: fc.option(count),
  exposure: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((total) => total + 0),
  issued: count,
  expires: count,
});
const permit: fc.Arbitrary<Permit> = candidate.chain(({ openings }) =>
  shape({
    kind: fc.constant('permit' as const),
    ...scope,
    slots: record(digest),
    stage: fc.option(shape({ name, index: count, opened: count })),
    openings: fc.constant(openings),
    generation: count,
    issued: count,
    expires: fc.option(count),
    evidence: fc.array(signed(evidence), { maxLength: 2 }),
  }),
);

const assignmentSet: fc.Arbitrary<AssignmentSet> = shape({
  service: name,
  role: name,
  confirmWithinMs: fc.nat(2 ** 32 - 1),
  permits: fc.array(signed(permit), { maxLength: 2 }),
  keys: fc.array(announcedKey, { maxLength: 2 }),
  serverTime: count,
  watches: record(fc.oneof(shape({ counter: text }), shape({ gauge: text }), shape({ histogram: text }))),
  assignments: fc.uniqueArray(
    fc
      .tuple(
        shape({ slot: name, generation: count, lastKnownGood: optionalDigest, candidate: fc.option(candidate) }),
        fc.option(shape({ rollout: name, artifact: digest, below: share, afterMs: count })),
        fc.array(digest, { maxLength: 2 }),
      )
      .map(([always, release, kept]) => ({
        ...always,
        ...(release === null ? {} : { release }),
        ...(kept.length === 0 ? {} : { kept }),
      })),
    { selector: ({ slot }) => slot, maxLength: 4 },
  ),
}).map((set) => ({
  ...set,
  assignments: set.assignments.map((each) => ({ service: set.service, role: set.role, ...each })),
}));

const confirmation: fc.Arbitrary<Confirmation> = shape({ slot: name, generation: count, artifact: optionalDigest });

const report: fc.Arbitrary<TargetReport> = shape({
  slots: fc.uniqueArray(
    shape({
      slot: name,
      generation: count,
      phase: fc.constantFrom(...PHASES),
      current: optionalDigest,
      baseline: optionalDigest,
      failed: optionalDigest,
      failureCode: text,
      failure: text,
      verifiedBy: text,
    }),
    { selector: ({ slot }) => slot, maxLength: 4 },
  ),
  checks: fc.uniqueArray(shape({ name, healthy: fc.boolean(), detail: text }), {
    selector: (check) => check.name,
    maxLength: 4,
  }),
});

describe('what is encoded decodes to the same', () => {
  const same = <Value>(
    values: fc.Arbitrary<Value>,
    encode: (value: Value) => Uint8Array,
    decode: (bytes: Uint8Array) => unknown,
  ) => fc.assert(fc.property(values, (value) => assert.deepEqual(decode(encode(value)), { ok: true, value })));

  test('assignments', () => same(assignmentSet, encodeAssignmentSet, decodeAssignmentSet));
  test('confirmations', () => same(confirmation, encodeConfirmation, decodeConfirmation));
  test('reports', () => same(report, encodeReport, decodeReport));
});

test('any bytes at all give an answer from every decoder', () => {
  const decoders: ((bytes: Uint8Array) => Result<unknown, Malformed>)[] = [
    decodeAssignmentSet,
    decodeConfirmation,
    decodeReport,
  ];
  const encoded = fc.oneof(assignmentSet.map(encodeAssignmentSet), report.map(encodeReport));
  const bent = fc
    .tuple(encoded, fc.nat(), fc.nat(255))
    .map(([bytes, at, byte]) => (bytes.length === 0 ? bytes : bytes.with(at % bytes.length, byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), bent), (bytes) => {
      for (const decode of decoders) assert.equal(typeof decode(bytes).ok, 'boolean');
    }),
    { numRuns: 1000 },
  );
});

const digestOf = (length: number) => new Uint8Array(length).fill(1);
const statusWith = (slot: MessageInitShape<typeof pb.SlotStatusSchema>) => {
  const whole = { slot: 'config/shop', phase: pb.Phase.SETTLED, ...slot };
  return toBinary(pb.StatusSchema, create(pb.StatusSchema, { slots: [create(pb.SlotStatusSchema, whole)] }));
};
const candidateWith = (change: MessageInitShape<typeof pb.CandidateSchema>, below = 1) => {
  const openings = [create(pb.OpeningSchema, { stage: 'canary', below })];
  const whole = create(pb.CandidateSchema, {
    rollout: 'shop-1',
    change: digestOf(32),
    artifact: digestOf(32),
    openings,
    ...change,
  });
  const message = { service: 'shop', role: 'web', slots: [{ slot: 'config/shop', candidate: whole }] };
  return toBinary(pb.AssignmentSchema, create(pb.AssignmentSchema, message));
};
const statusOf = (slots: { slot: string; phase: pb.Phase }[]) =>
  toBinary(pb.StatusSchema, create(pb.StatusSchema, { slots }));

const malformed: readonly [why: string, decode: () => Result<unknown, Malformed>, at: string][] = [
  ['a digest of 31 bytes', () => decodeReport(statusWith({ current: digestOf(31) })), 'slots[0].current'],
  ['no phase', () => decodeReport(statusWith({ phase: pb.Phase.UNSPECIFIED })), 'slots[0].phase'],
  ['a phase nobody knows', () => decodeReport(statusWith({ phase: 99 as pb.Phase })), 'slots[0].phase'],
  ['a generation beyond 2^53', () => decodeReport(statusWith({ generation: 2n ** 60n })), 'slots[0].generation'],
  ['a slot without a name', () => decodeReport(statusWith({ slot: '' })), 'slots[0].slot'],
  ['a slot with an escape sequence', () => decodeReport(statusWith({ slot: 'a\u001b[2J' })), 'slots[0].slot'],
  ['an overlong name', () => decodeReport(statusWith({ slot: 'x'.repeat(FIELD_LIMITS.name + 1) })), 'slots[0].slot'],
  [
    'an overlong text',
    () => decodeReport(statusWith({ failure: 'x'.repeat(FIELD_LIMITS.text + 1) })),
    'slots[0].failure',
  ],
  [
    'more slots than allowed',
    () =>
      decodeReport(
        statusOf(
          Array.from({ length: FIELD_LIMITS.slots + 1 }, (_, at) => ({ slot: `s${at}`, phase: pb.Phase.SETTLED })),
        ),
      ),
    'slots',
  ],
  [
    'a slot named twice',
    () => decodeReport(statusOf([1, 2].map(() => ({ slot: 'a', phase: pb.Phase.SETTLED })))),
    'slots[1]',
  ],
  [
    'an opening below NaN',
    () => decodeAssignmentSet(candidateWith({}, Number.NaN)),
    'slots[0].candidate.openings[0].below',
  ],
  ['an opening below -0.1', () => decodeAssignmentSet(candidateWith({}, -0.1)), 'slots[0].candidate.openings[0].below'],
  ['an opening below 1.1', () => decodeAssignmentSet(candidateWith({}, 1.1)), 'slots[0].candidate.openings[0].below'],
  [
    'a candidate without an artifact',
    () => decodeAssignmentSet(candidateWith({ artifact: digestOf(0) })),
    'slots[0].candidate.artifact',
  ],
  ['a truncated message', () => decodeReport(statusWith({}).subarray(0, -1)), ''],
];

for (const [why, decode, at] of malformed) {
  test(`malformed: ${why}`, () => {
    const decoded = decode();
    assert.equal(decoded.ok ? 'accepted' : decoded.error.at, at);
  });
}

test('law 5: a permit that cannot be read is none, and keeps nobody from the order to go back', () => {
  const empty = { service: 'shop', role: 'web', assignments: [], watches: {}, confirmWithinMs: 1, serverTime: 7 };
  const illegible = {
    document: { kind: 'permit' } as unknown as Permit,
    key: '0'.repeat(16),
    signature: '0'.repeat(128),
  };
  const key = { id: '', publicKey: '', announcement: null, retirement: null };
  const bytes = encodeAssignmentSet({ ...empty, permits: [illegible], keys: [key] });
  assert.deepEqual(decodeAssignmentSet(bytes), { ok: true, value: { ...empty, permits: [], keys: [] } });
});

test('a report is cut to what the other side accepts, never lost for its length', () => {
  const failure = `${'x'.repeat(FIELD_LIMITS.text - 2)}😀 and more`;
  const slot = { slot: 'a', generation: 1, phase: 'failed', current: null, baseline: null, failed: null } as const;
  const bytes = encodeReport({
    slots: [{ ...slot, failureCode: 'apply-failed', failure, verifiedBy: '' }],
    checks: [],
  });
  const decoded = decodeReport(bytes);
  assert.equal(decoded.ok && decoded.value.slots[0]?.failure, `${'x'.repeat(FIELD_LIMITS.text - 2)}…`);
});
