import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ComponentHealthSchema } from '../../../wire/opamp/generated/opamp_pb.ts';
import { componentsOf } from './componentHealth.ts';

const said = (health: MessageInitShape<typeof ComponentHealthSchema>) =>
  Object.fromEntries(componentsOf(create(ComponentHealthSchema, health)).map(({ path, healthy }) => [path, healthy]));

test('components are named by the way to them', () => {
  const pipelines = { healthy: true, componentHealthMap: { traces: { healthy: false }, logs: { healthy: true } } };
  assert.deepEqual(said({ healthy: true, componentHealthMap: { pipelines, extensions: { healthy: true } } }), {
    '': true,
    pipelines: true,
    'pipelines/traces': false,
    'pipelines/logs': true,
    extensions: true,
  });
});

test('an empty message is unhealthy, and so is one of two with the same name that is', () => {
  assert.deepEqual(said({}), { '': false });
  const nested = { a: { healthy: true, componentHealthMap: { b: { healthy: true } } }, 'a/b': { healthy: false } };
  for (const componentHealthMap of [nested, Object.fromEntries(Object.entries(nested).reverse())])
    assert.equal(said({ healthy: true, componentHealthMap })['a/b'], false);
});

test('what is too much, or too long, is left out', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, { healthy: true }]));
  assert.equal(Object.keys(said({ healthy: true, componentHealthMap: many })).length, 256);
  assert.deepEqual(said({ healthy: true, componentHealthMap: { ['x'.repeat(300)]: {} } }), { '': true });
});
