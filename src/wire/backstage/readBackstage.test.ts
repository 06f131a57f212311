import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toCatalogManifest } from '../manifest/catalog.ts';
import { parseManifestValue } from '../manifest/parseManifestValue.ts';
import { isBackstage, readBackstage } from './readBackstage.ts';

const entity = (kind: string, name: string, spec: string, metadata = '') => `apiVersion: backstage.io/v1alpha1
kind: ${kind}
metadata:
  name: ${name}
${metadata}spec:
  type: service
${spec}`;

/** `shop needs payments, resource:db; api:orders is shop`: what was read, sorted by name. */
function read(text: string): string {
  const file = readBackstage(text, 'catalog-info.yaml');
  if (!file.ok)
    return file.error.map(({ position, says }) => `${position?.line}:${position?.column} ${says}`).join('\n');
  return Object.entries(file.value.entities)
    .map(([name, { dependsOn, standsFor }]) => {
      const needs = dependsOn.length === 0 ? '' : ` needs ${dependsOn.join(', ')}`;
      return `${name}${needs}${standsFor.length === 0 ? '' : ` is ${standsFor.join(', ')}`}`;
    })
    .join('; ');
}

describe('Backstage entities as dependencies', () => {
  const table: readonly [why: string, text: string, expected: string][] = [
    ['alone', entity('Component', 'shop', ''), 'shop'],
    [
      'dependsOn, with kinds and namespaces',
      entity('Component', 'shop', '  dependsOn: [component:payments, "resource:default/db", component:Team-A/Risk]'),
      'shop needs payments, resource:db, team-a/risk',
    ],
    [
      'the namespace that a reference leaves out is that of its entity',
      entity('Component', 'risk', '  dependsOn: [component:ledger, component:default/shop]', '  namespace: team-a\n'),
      'team-a/risk needs shop, team-a/ledger',
    ],
    [
      'dependencyOf says it from the other side',
      entity('Resource', 'db', '  dependencyOf: [component:shop]'),
      'resource:db; shop needs resource:db',
    ],
    [
      'an API stands for what provides it',
      entity('Component', 'shop', '  providesApis: [orders]\n  consumesApis: [team-a/rates, api:default/stock]'),
      'api:orders is shop; shop needs api:stock, api:team-a/rates',
    ],
    [
      'a system stands for its parts',
      `${entity('System', 'store', '  owner: a')}\n---\n${entity('Component', 'shop', '  system: store')}`,
      'shop; system:store is shop',
    ],
    ['a component needs its parts', entity('Component', 'cart', '  subcomponentOf: shop'), 'cart; shop needs cart'],
    [
      'names are compared without regard to case',
      `${entity('Component', 'Shop', '  dependsOn: [Component:Payments]')}\n---\n${entity('component', 'payments', '')}`,
      'payments; shop needs payments',
    ],
    [
      'an annotation says which service a component is',
      entity(
        'Component',
        'shop_web.v2',
        '  dependsOn: [component:payments]',
        '  annotations:\n    ringfence.dev/service: shop\n',
      ),
      'shop needs payments; shop_web.v2 is shop',
    ],
    [
      'several documents of one entity add up, and what is said twice is said once',
      `${entity('Component', 'shop', '  dependsOn: [component:a, component:a]')}\n---\n${entity('Component', 'shop', '  dependsOn: [component:b]')}`,
      'shop needs a, b',
    ],
    ['empty fields say nothing', entity('Component', 'shop', '  dependsOn:\n  system:'), 'shop'],
    [
      'JSON is YAML',
      '{\n  "apiVersion": "backstage.io/v1beta1", "kind": "API", "metadata": {"name": "x"}, "spec": {}\n}',
      'api:x',
    ],
  ];
  for (const [why, text, expected] of table) {
    it(why, () => {
      assert.equal(read(text), expected);
      assert.ok(isBackstage(text));
    });
  }

  it('kinds that say nothing of dependencies are passed over, and named', () => {
    const text = `${entity('Group', 'team-a', '')}\n---\n${entity('Component', 'shop', '')}\n---\n${entity('Workflow', 'w', '')}\n---\napiVersion: v1\nkind: ConfigMap\n`;
    const file = readBackstage(text, 'x.yaml');
    assert.ok(file.ok);
    assert.deepEqual(file.value.passedOver, ['Group team-a', 'Workflow w', 'v1 ConfigMap']);
  });

  const mistakes: readonly [why: string, text: string, expected: RegExp][] = [
    [
      'a dependency without its kind, which Backstage refuses too',
      entity('Component', 'shop', '  dependsOn:\n    - payments'),
      /^8:7 spec\.dependsOn\[0\]: found the text "payments", expected an entity reference with its kind, such as component:/,
    ],
    [
      'a reference that is none',
      entity('Component', 'shop', '  consumesApis: [a/b/c, "x y"]'),
      /^7:18 spec\.consumesApis\[0\]: found the text "a\/b\/c", expected an entity reference such as orders.*\n7:25 spec\.consumesApis\[1\]: found the text "x y"/,
    ],
    [
      'something else than a list',
      entity('Component', 'shop', '  dependsOn: component:a'),
      /^7:14 spec\.dependsOn: found the text "component:a", expected a list/,
    ],
    [
      'a list where one is meant',
      entity('Component', 'shop', '  system: [a]'),
      /^7:11 spec\.system: found a list of 1/,
    ],
    [
      'no name',
      entity('Component', '""', ''),
      /^4:9 metadata\.name: found an empty text, expected a name of at most 63/,
    ],
    [
      'no metadata',
      'apiVersion: backstage.io/v1alpha1\nkind: Component\nspec: {}\n',
      /^1:1 metadata\.name: found nothing/,
    ],
    [
      'no spec',
      'apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: { name: a }\n',
      /^1:1 spec: found nothing, expected a mapping/,
    ],
    [
      'a namespace that is none',
      entity('Component', 'shop', '', '  namespace: A B\n'),
      /^5:14 metadata\.namespace: found the text "A B"/,
    ],
    [
      'an annotation that names no service',
      entity('Component', 'shop', '', '  annotations: { ringfence.dev/service: Shop! }\n'),
      /metadata\.annotations\["ringfence\.dev\/service"\]: found the text "Shop!", expected the name of a service/,
    ],
    [
      'another version',
      entity('Component', 'shop', '').replace('v1alpha1', 'v2'),
      /^1:13 apiVersion: found .*expected backstage\.io\/v1alpha1/,
    ],
    [
      'a manifest of ours among them',
      `${entity('Component', 'shop', '')}\n---\napiVersion: ringfence.dev/v1\nkind: Freeze\n`,
      /^9:13 apiVersion: found .*a manifest of Ringfence goes into a file of its own/,
    ],
    ['no kind', 'apiVersion: backstage.io/v1alpha1\n', /^1:1 kind: found nothing, expected one of: Component, API/],
    [
      'only other kinds',
      entity('User', 'ann', ''),
      /^1:1 found only entities of other kinds \(User ann\), expected an entity of kind Component/,
    ],
    ['nothing', '# apiVersion: backstage.io/v1alpha1\n', /^1:1 found no entity/],
    ['no YAML', 'apiVersion: backstage.io/v1alpha1\nkind: [', /malformed YAML/],
    ['an alias', entity('Component', 'shop', '  dependsOn: &a [component:a]'), /expected a value without an anchor/],
  ];
  for (const [why, text, expected] of mistakes) {
    it(`is refused with its place: ${why}`, () => assert.match(read(text), expected));
  }

  it('is bounded: entities, what one of them stands for, and references in all', () => {
    const many = (count: number, spec: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => entity('Component', `c${index}`, spec(index))).join('\n---\n');
    assert.match(read(many(5001, () => '')), /^1:1 found 5001 entities, expected at most 5000; split the file$/);
    assert.match(
      read(many(1001, () => '  system: store')),
      /^1:1 found 1001 entities behind system:store, expected at most 1000/,
    );
    const needs = Array.from({ length: 500 }, (_, index) => `component:x${index}`).join(', ');
    assert.match(
      read(many(41, () => `  dependsOn: [${needs}]`)),
      /^1:1 found 20500 references, expected at most 20000/,
    );
    assert.doesNotMatch(read(many(40, () => `  dependsOn: [${needs}]`)), /expected/);
  });

  it('what was read is a manifest of ours, and reading that gives the same', () => {
    const file = readBackstage(
      `${entity('Component', 'Shop', '  dependsOn: [component:Team-A/Risk]\n  providesApis: [orders]')}\n---\n${entity('Component', 'a_b.c', '')}`,
      'x.yaml',
    );
    assert.ok(file.ok);
    const catalog = { name: 'x', source: 'x.yaml', entities: file.value.entities };
    const again = parseManifestValue(toCatalogManifest(catalog));
    assert.ok(again.ok, JSON.stringify(again));
    assert.deepEqual(again.value, { kind: 'Catalog', name: 'x', position: null, catalog });
  });

  it('never throws, whatever the text', () => {
    const words = fc.constantFrom(
      ...['apiVersion: backstage.io/v1alpha1\n', 'kind: Component\n', 'metadata:\n', '  name: a\n', 'spec:\n'],
      ...[
        '  dependsOn:\n',
        '    - component:a\n',
        '---\n',
        '  system: [\n',
        '  annotations: {a: b}\n',
        ': \n',
        '\t',
        '*a',
        '"',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 30 }), (parts) => {
        const file = readBackstage(parts.join(''), 'x.yaml');
        assert.ok(file.ok || file.error.length > 0);
      }),
    );
  });

  it('whatever stands in an entity is read or refused with its place', () => {
    const kinds = fc.constantFrom('Component', 'API', 'System', 'Resource', 'Group');
    const any = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 0, '', [], {}, [null], ['component:a']));
    const names = fc.constantFrom(
      'dependsOn',
      'dependencyOf',
      'system',
      'consumesApis',
      'providesApis',
      'subcomponentOf',
    );
    const entities = fc.record({
      kind: fc.oneof(kinds, any),
      metadata: fc.oneof(any, fc.record({ name: fc.oneof(fc.constant('a'), any), namespace: any, annotations: any })),
      spec: fc.oneof(any, fc.dictionary(names, any)),
    });
    fc.assert(
      fc.property(entities, (drawn) => {
        const file = readBackstage(JSON.stringify({ apiVersion: 'backstage.io/v1alpha1', ...drawn }), 'x.yaml');
        if (file.ok) return;
        assert.ok(file.error.length > 0 && file.error.every(({ says, position }) => says !== '' && position !== null));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is meant as Backstage entities', () => {
  const table: readonly [string, boolean, string][] = [
    ['apiVersion: backstage.io/v1alpha1\nkind: Component\n', true, 'the first document'],
    ['# a comment\n---\nkind: API\napiVersion: "backstage.io/v1beta1"\n', true, 'a later line, in quotes'],
    ['apiVersion: ringfence.dev/v1\nkind: Service\n', false, 'a manifest of ours'],
    [
      'spec:\n  content: |\n    apiVersion: backstage.io/v1alpha1\n',
      false,
      'an entity that is the content of something else',
    ],
  ];
  for (const [text, expected, why] of table) it(why, () => assert.equal(isBackstage(text), expected));
});
