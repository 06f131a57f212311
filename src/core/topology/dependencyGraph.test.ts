import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Catalog, CatalogEntity } from './catalog.ts';
import { dependenciesOf, dependencyGraph, dependentsOf, type Neighbour } from './dependencyGraph.ts';
import type { Service } from './service.ts';

const service = (name: string, ...dependsOn: string[]): Service => {
  return { name, roles: ['web'], slots: {}, metrics: {}, dependsOn };
};
const catalog = (entities: Record<string, Partial<CatalogEntity>>): Catalog => ({
  name: 'c',
  source: 'c.yaml',
  entities: Object.fromEntries(
    Object.entries(entities).map(([name, entity]) => [name, { dependsOn: [], standsFor: [], ...entity }]),
  ),
});
/** `payments 1, ledger 2?`: a question mark for what is not registered. */
const say = (found: readonly Neighbour[]) =>
  found.map(({ service, distance, registered }) => `${service} ${distance}${registered ? '' : '?'}`).join(', ');

describe('dependencies, up and down', () => {
  const table: readonly [string, readonly Service[], readonly Catalog[], up: string, down: string][] = [
    ['alone', [service('shop')], [], '', ''],
    [
      'direct and through others, in both directions',
      [service('web', 'shop'), service('shop', 'payments'), service('payments', 'ledger'), service('ledger')],
      [],
      'web 1',
      'payments 1, ledger 2',
    ],
    [
      'the shortest way counts',
      [service('web', 'shop', 'mail'), service('mail', 'shop'), service('shop')],
      [],
      'mail 1, web 1',
      '',
    ],
    [
      'a cycle comes to an end, and a service does not depend on itself',
      [service('shop', 'payments'), service('payments', 'risk'), service('risk', 'shop')],
      [],
      'risk 1, payments 2',
      'payments 1, risk 2',
    ],
    ['what is only named is there, and not registered', [service('shop', 'stripe')], [], '', 'stripe 1?'],
    [
      'a catalogue adds edges between services and to what only it knows',
      [service('shop'), service('web')],
      [
        catalog({
          web: { dependsOn: ['shop'] },
          reports: { dependsOn: ['web'] },
          shop: { dependsOn: ['resource:db'] },
        }),
      ],
      'web 1, reports 2?',
      'resource:db 1?',
    ],
    [
      'whoever needs an API needs what provides it, at no further distance, wherever that was said',
      [service('shop')],
      [catalog({ reports: { dependsOn: ['api:orders'] } }), catalog({ 'api:orders': { standsFor: ['shop'] } })],
      'reports 1?',
      '',
    ],
    [
      'members of a system do not depend on each other; whoever needs the system needs each',
      [service('shop'), service('cart')],
      [catalog({ 'system:store': { standsFor: ['shop', 'cart'] }, reports: { dependsOn: ['system:store'] } })],
      'reports 1?',
      '',
    ],
    [
      'what a stand-in needs, each that it stands for needs',
      [service('shop'), service('cart')],
      [catalog({ 'system:store': { standsFor: ['shop', 'cart'], dependsOn: ['resource:db'] } })],
      '',
      'resource:db 1?',
    ],
    [
      'an API that nobody provides is there itself',
      [service('shop')],
      [catalog({ shop: { dependsOn: ['api:rates'] } })],
      '',
      'api:rates 1?',
    ],
    [
      'names that stand for each other lead nowhere, and end',
      [service('shop', 'a')],
      [catalog({ a: { standsFor: ['b'] }, b: { standsFor: ['a'] } })],
      '',
      '',
    ],
    [
      'a registered service is itself, whatever a catalogue says it stands for',
      [service('shop', 'payments'), service('payments')],
      [catalog({ payments: { standsFor: ['ledger'] } })],
      '',
      'payments 1',
    ],
  ];
  for (const [why, services, catalogs, up, down] of table) {
    it(why, () => {
      const graph = dependencyGraph(services, catalogs);
      assert.equal(say(dependentsOf(graph, 'shop')), up);
      assert.equal(say(dependenciesOf(graph, 'shop')), down);
    });
  }

  it('both directions see the same edges, at the same distance', () => {
    const name = fc.constantFrom(...'abcdefgh');
    const names = fc.uniqueArray(name, { maxLength: 3 });
    const services = fc.uniqueArray(fc.record({ name, dependsOn: names }), { selector: (each) => each.name });
    const entities = fc.dictionary(fc.constantFrom('a', 'b', 'x', 'y', 'z'), fc.record({ dependsOn: names }));
    const stand = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.record({ standsFor: names }));
    fc.assert(
      fc.property(services, entities, stand, (some, one, other) => {
        const registered = some.map((each) => service(each.name, ...each.dependsOn));
        const graph = dependencyGraph(registered, [catalog(one), catalog(other)]);
        const distance = (found: readonly Neighbour[], to: string) =>
          found.find((each) => each.service === to)?.distance ?? null;
        for (const from of 'abcdefgh') {
          for (const to of 'abcdefgh') {
            if (from === to) continue;
            const down = distance(dependenciesOf(graph, from), to);
            assert.equal(distance(dependentsOf(graph, to), from), down, `${from} to ${to}`);
          }
          assert.ok(![...dependentsOf(graph, from)].some((each) => each.service === from));
        }
      }),
    );
  });
});
