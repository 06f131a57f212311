import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { boundedDecode } from './boundedDecode.ts';
import { AgentToServerSchema, type ComponentHealth, ComponentHealthSchema } from './generated/opamp_pb.ts';

const message = create(AgentToServerSchema, {
  instanceUid: new Uint8Array(16).fill(7),
  sequenceNum: 3n,
  agentDescription: {
    identifyingAttributes: [{ key: 'service.name', value: { value: { case: 'stringValue', value: 'shop' } } }],
  },
  health: { healthy: true, componentHealthMap: { a: { healthy: true }, b: { healthy: false } } },
});

test('a message within its bounds decodes to what was encoded', () => {
  assert.deepEqual(boundedDecode(AgentToServerSchema, toBinary(AgentToServerSchema, message), 100), {
    ok: true,
    value: message,
  });
});

// uid, sequence number, description, attribute, key, value, string; health, healthy, two map entries with key, value, and one true.
const RECORDS = 7 + 2 + 2 * 3 + 1;

test('records are counted at every depth, in maps too', () => {
  const bytes = toBinary(AgentToServerSchema, message);
  assert.equal(boundedDecode(AgentToServerSchema, bytes, RECORDS).ok, true);
  assert.equal(boundedDecode(AgentToServerSchema, bytes, RECORDS - 1).ok, false);
});

test('a million empty sub-messages in two megabytes are refused without being made', () => {
  const attributes = new Uint8Array(2_000_000);
  for (let index = 0; index < attributes.length; index += 2) attributes[index] = 0x0a;
  const bytes = new Uint8Array([0x1a, ...varint(attributes.length), ...attributes]);
  const decoded = boundedDecode(AgentToServerSchema, bytes, 10_000);
  assert.deepEqual(decoded, { ok: false, error: 'not a AgentToServer: it has more than 10000 fields' });
});

test('nesting has a limit', () => {
  let health: ComponentHealth = create(ComponentHealthSchema);
  for (let depth = 0; depth < 80; depth++)
    health = create(ComponentHealthSchema, { componentHealthMap: { x: health } });
  const bytes = toBinary(AgentToServerSchema, create(AgentToServerSchema, { health }));
  assert.equal(boundedDecode(AgentToServerSchema, bytes, 10_000).ok, false);
});

test('a string that is not UTF-8 is refused', () => {
  const bytes = Uint8Array.from([0x6a, 0x03, 0x0a, 0x01, 0xff]);
  assert.equal(boundedDecode(AgentToServerSchema, bytes, 10).ok, false);
});

test('any bytes at all give an answer, truncated messages too', () => {
  const whole = toBinary(AgentToServerSchema, message);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(whole.length).map((length) => whole.subarray(0, length)),
        fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte)),
      ),
      (bytes) => typeof boundedDecode(AgentToServerSchema, bytes, 1000).ok === 'boolean',
    ),
    { numRuns: 2000 },
  );
});

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
