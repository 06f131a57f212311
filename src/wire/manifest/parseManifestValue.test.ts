import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MANIFEST_KINDS } from './manifestKinds.ts';
import { MAX_DEPTH, parseManifestValue } from './parseManifestValue.ts';

const KINDS = Object.keys(MANIFEST_KINDS).join(', ');

const API = 'ringfence.dev/v1';
const CHANGE = { apiVersion: API, kind: 'Change', metadata: { name: 'faster' } };

describe('a manifest that arrived as JSON', () => {
  // biome-ignore format: a table
  const cases: readonly (readonly [value: unknown, says: readonly string[], why: string])[] = [
    [undefined, ['found nothing, expected a mapping with apiVersion, kind, metadata and spec'], 'nothing was sent'],
    [null, ['found nothing (null), expected a mapping with apiVersion, kind, metadata and spec'], 'null is no manifest'],
    [[], ['found an empty list, expected a mapping with apiVersion, kind, metadata and spec'], 'neither is a list'],
    [{}, ['apiVersion: found nothing, expected ringfence.dev/v1', `kind: found nothing, expected one of: ${KINDS}`], 'both are said'],
    [{ ...CHANGE, spec: { service: 'shop', reason: 'x', slots: { 'config/shop': { content: 5 } } } }, ['spec.slots["config/shop"].content: found the number 5, expected a text'], 'the same rules as for files, without lines'],
    [{ ...CHANGE, spec: { service: 'shop', reason: 'x', slots: { 'config/shop': { file: 'a\0b' } } } }, ['spec.slots["config/shop"].file: found the text "a\\u0000b", expected a path'], 'a NUL would end the name half-way'],
    [JSON.parse(`{"apiVersion":"${API}","kind":"Change","__proto__":{"name":"x"}}`), ['__proto__: found the name "__proto__", expected another name'], 'a name that changes what the others are'],
    [{ ...CHANGE, kind: 'toString' }, [`kind: found the text "toString", expected one of: ${KINDS}`], 'what every object has is no kind'],
  ];
  for (const [value, says, why] of cases) {
    test(why, () => {
      const parsed = parseManifestValue(value);
      assert.ok(!parsed.ok);
      assert.deepEqual(
        parsed.error.map((problem) => problem.says),
        says,
      );
      for (const problem of parsed.error) assert.deepEqual([problem.file, problem.position], ['', null]);
    });
  }

  test('nesting beyond the limit is refused before anything else looks at it', () => {
    let schema: unknown = {};
    for (let level = 0; level < 100_000; level++) schema = { not: schema };
    const parsed = parseManifestValue({ apiVersion: API, kind: 'Service', metadata: { name: 'a' }, spec: { schema } });
    assert.ok(!parsed.ok);
    assert.match(parsed.error[0]?.says ?? '', new RegExp(`expected at most ${MAX_DEPTH} levels of nesting$`));
  });

  test('never throws, whatever the JSON', () => {
    const names = [
      'apiVersion',
      'kind',
      'metadata',
      'name',
      'spec',
      'stages',
      'checks',
      'slots',
      'config/shop',
      'roles',
      'http',
      'bake',
      'waves',
      '__proto__',
    ];
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(
          null,
          true,
          0,
          -1,
          1.5,
          '',
          '5s',
          '50%',
          API,
          'Service',
          'Pipeline',
          'Change',
          'Agent',
          'failureProportion',
        ),
        fc.array(tie('json'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie('json'), { maxKeys: 6 }),
      ),
    }));
    const kinds = fc.constantFrom('Service', 'Pipeline', 'Change', 'Agent');
    const manifests = fc.record({
      apiVersion: fc.constant(API),
      kind: kinds,
      metadata: fc.constant({ name: 'a' }),
      spec: json,
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), json, manifests), (value) => void parseManifestValue(value)),
      { numRuns: 3000 },
    );
  });
});
