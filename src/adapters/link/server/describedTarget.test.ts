import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { AgentDescriptionSchema, type AnyValue } from '../../../wire/opamp/generated/opamp_pb.ts';
import { describedTarget } from './describedTarget.ts';

const UID = '0192345678907000800000000000abcd';
type Attributes = Readonly<Record<string, string | number>>;

function describe(identifying: Attributes, other: Attributes = {}) {
  const list = (attributes: Attributes) =>
    Object.entries(attributes).map(([key, value]) => {
      const spoken: AnyValue['value'] =
        typeof value === 'string' ? { case: 'stringValue', value } : { case: 'doubleValue', value };
      return { key, value: { value: spoken } };
    });
  const message = { identifyingAttributes: list(identifying), nonIdentifyingAttributes: list(other) };
  return describedTarget(UID, create(AgentDescriptionSchema, message));
}

test('a target is read from its attributes', () => {
  const described = describe(
    { 'service.name': 'shop', 'service.instance.id': 'shop-eu-1' },
    { 'ringfence.role': 'api', 'ringfence.label.ring': 'canary', 'ringfence.label.__proto__': 'x', 'os.type': 'linux' },
  );
  const labels = Object.fromEntries([
    ['ring', 'canary'],
    ['__proto__', 'x'],
  ]);
  assert.deepEqual(described, {
    ok: true,
    value: { uid: UID, name: 'shop-eu-1', service: 'shop', role: 'api', labels },
  });
});

test('name and role may be left out', () => {
  const value = { uid: UID, name: UID, service: 'shop', role: '', labels: {} };
  assert.deepEqual(describe({ 'service.name': 'shop' }), { ok: true, value });
});

const refused: readonly [why: string, attributes: Attributes, at: string][] = [
  ['no service', {}, 'service.name'],
  ['a service that is a number', { 'service.name': 7 }, 'service.name'],
  ['a name with a control character', { 'service.name': 'shop', 'service.instance.id': 'a\nb' }, 'service.instance.id'],
  ['an overlong label', { 'service.name': 'shop', 'ringfence.label.ring': 'x'.repeat(300) }, 'ringfence.label.ring'],
  [
    'too many labels',
    {
      'service.name': 'shop',
      ...Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`ringfence.label.l${at}`, 'x'])),
    },
    'ringfence.label.*',
  ],
];

for (const [why, attributes, at] of refused) {
  test(`not a target: ${why}`, () => {
    const described = describe(attributes);
    assert.equal(described.ok ? 'accepted' : described.error.at, at);
  });
}
