import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Catalog } from '../topology/catalog.ts';
import { dependentsOf, graphOf } from '../topology/dependencyGraph.ts';
import type { Service } from '../topology/service.ts';
import { type Command, decideCommand } from './decideCommand.ts';
import type { RecordedEvent } from './event.ts';
import { EMPTY_WORLD, evolveWorld } from './evolveWorld.ts';
import type { World } from './world.ts';

const shop: Service = { name: 'shop', roles: ['web'], slots: {}, metrics: {}, dependsOn: [] };
const catalog = (name: string, entities: Record<string, readonly string[]>, source = `${name}.yaml`): Catalog => ({
  name,
  source,
  entities: Object.fromEntries(
    Object.entries(entities).map(([each, dependsOn]) => [each, { dependsOn, standsFor: [] }]),
  ),
});

function run(world: World, command: Command): { world: World; says: string } {
  const decision = decideCommand(world, command, 5);
  if (!decision.ok) return { world, says: decision.error.map(({ code, says }) => `${code}: ${says}`).join('\n') };
  const events = decision.value.map((event, index) => {
    return { ...event, position: world.position + 1 + index, at: 5, actor: 'person:a' } as RecordedEvent;
  });
  return { world: evolveWorld(world, events), says: events.map(({ type }) => type).join(' ') };
}
const apply = (world: World, one: Catalog) =>
  run(world, { type: 'apply', manifests: [{ kind: 'Catalog', catalog: one }] });
const started = run(EMPTY_WORLD, { type: 'apply', manifests: [{ kind: 'Service', service: shop }] }).world;
const dependents = (world: World) => dependentsOf(graphOf(world), 'shop').map(({ service }) => service);

describe('catalogues on the record', () => {
  it('bring dependents, are replaced by name, and take theirs with them', () => {
    const first = apply(started, catalog('a', { reports: ['shop'], mail: ['shop'] }));
    assert.equal(first.says, 'CatalogApplied');
    assert.deepEqual(dependents(first.world), ['mail', 'reports']);
    const other = apply(first.world, catalog('b', { audit: ['shop'] }));
    assert.deepEqual(dependents(other.world), ['audit', 'mail', 'reports']);
    const again = apply(other.world, catalog('a', { reports: ['shop'] }));
    assert.deepEqual(dependents(again.world), ['audit', 'reports']);
    const gone = run(again.world, { type: 'removeCatalog', name: 'b' });
    assert.equal(gone.says, 'CatalogRemoved');
    assert.deepEqual(dependents(gone.world), ['reports']);
    assert.deepEqual(dependents(started), [], 'the world it began with is as it was');
  });

  it('the same one again is nothing new', () => {
    const one = catalog('a', { reports: ['shop'] });
    assert.equal(apply(apply(started, one).world, one).says, '');
  });

  it('one that has nothing in common with what it would replace is another file', () => {
    const { world } = apply(
      started,
      catalog('repo-catalog-info', { reports: ['shop'], 'system:store': [] }, 'a/x.yaml'),
    );
    const refused = apply(world, catalog('repo-catalog-info', { mail: ['shop'], 'system:store': [] }, 'b/x.yaml'));
    assert.match(
      refused.says,
      /^name-taken: catalogue "repo-catalog-info" came from a\/x\.yaml and has nothing in common/,
    );
    assert.deepEqual(dependents(refused.world), ['reports']);
  });

  it('one that is not there cannot be removed', () => {
    const { world } = apply(started, catalog('reports', { reports: ['shop'] }));
    assert.equal(
      run(world, { type: 'removeCatalog', name: 'report' }).says,
      'unknown-catalog: there is no catalogue "report"',
    );
  });

  it('are not without bound', () => {
    let world = started;
    for (let index = 0; index < 500; index++) world = apply(world, catalog(`c${index}`, { [`x${index}`]: [] })).world;
    assert.match(
      apply(world, catalog('one-more', { y: [] })).says,
      /^in-use: there would be 501 catalogues, at most 500/,
    );
    assert.equal(
      apply(world, catalog('c0', { x0: ['shop'] })).says,
      'CatalogApplied',
      'those there are can be replaced',
    );
  });
});
