import assert from 'node:assert/strict';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { MANIFEST_KINDS } from '../src/wire/manifest/manifestKinds.ts';
import { parseManifests } from '../src/wire/manifest/parseManifests.ts';
import { root } from './generate.ts';
import { writeManifestSchemas } from './manifestSchemas.ts';

describe("the JSON Schemas that editors check manifests with (that they are up to date is generate's test)", () => {
  const schemas = new Map<string, ValidateFunction>();
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringfence-schema-'));
    await writeManifestSchemas(folder);
    for (const name of ['v1', ...Object.keys(MANIFEST_KINDS).map((kind) => kind.toLowerCase())]) {
      const schema = JSON.parse(await readFile(join(folder, `${name}.schema.json`), 'utf8'));
      schemas.set(
        name,
        new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema),
      );
    }
    await rm(folder, { recursive: true });
  });

  const errors = (name: string, value: unknown) => {
    const validate = schemas.get(name);
    assert.ok(validate, name);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  test('every example manifest is valid by the schema of its kind, by the combined one, and by the parser', async () => {
    let count = 0;
    for await (const file of glob('examples/**/*.{yaml,yml}', { cwd: root })) {
      const text = await readFile(join(root, file), 'utf8');
      const parsed = parseManifests(text, file);
      assert.ok(parsed.ok, `${file}: ${parsed.ok || parsed.error[0]?.says}`);
      for (const document of parseAllDocuments(text)) {
        const value = document.toJS();
        if (value === null) continue;
        count++;
        assert.deepEqual(errors('v1', value), [], file);
        assert.deepEqual(errors(value.kind.toLowerCase(), value), [], file);
      }
    }
    assert.ok(count > 0, 'there are examples');
  });

  const change = {
    apiVersion: 'ringfence.dev/v1',
    kind: 'Change',
    metadata: { name: 'a' },
    spec: { service: 'a', reason: 'b', slots: { 'config/a': { file: 'c' } } },
  };
  // biome-ignore format: a table
  const wrong: readonly (readonly [value: unknown, error: string, why: string])[] = [
    [{ ...change, kind: 'Chnage' }, '/kind must be equal to one of the allowed values', 'an unknown kind'],
    [{ ...change, spec: { ...change.spec, reson: 'x' } }, '/spec must NOT have additional properties', 'an unknown field'],
    [{ ...change, spec: { service: 'a', slots: change.spec.slots } }, "/spec must have required property 'reason'", 'a missing field'],
    [{ ...change, spec: { ...change.spec, slots: { a: { file: 'c' } } } }, '/spec/slots property name must be valid', 'a bad name'],
    [{ ...change, spec: { ...change.spec, slots: {} } }, '/spec/slots must NOT have fewer than 1 properties', 'an empty mapping'],
    [{ ...change, spec: { ...change.spec, slots: { 'config/a': { file: 'c', content: 'd' } } } }, '/spec/slots/config~1a must match exactly one schema in oneOf', 'two variants at once'],
  ];
  for (const [value, error, why] of wrong) {
    test(`they refuse ${why}`, () => assert.ok(errors('v1', value).includes(error), errors('v1', value).join('\n')));
  }
  test('and accept what those were made from', () => assert.deepEqual(errors('v1', change), []));
});
