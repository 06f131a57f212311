import { sameData } from '../kernel/canonicalJson.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok } from '../kernel/result.ts';
import { meant } from '../policy/meant.ts';
import type { Catalog } from '../topology/catalog.ts';
import type { CommandDecision } from './decideCommand.ts';
import type { DomainEvent } from './event.ts';
import type { World } from './world.ts';

/** Every plan walks through all of them. */
const MOST_CATALOGS = 500;

/** What applying a catalogue changes: it replaces what came from the same file before. */
export function applyCatalog(world: World, catalog: Catalog): readonly DomainEvent[] {
  if (sameData(world.catalogs.get(catalog.name)?.catalog, catalog)) return [];
  return [{ type: 'CatalogApplied', data: { catalog } }];
}

/**
 * Files of one name lie in many repositories. One that has nothing in common with what it would replace is taken for another file,
 * so that it does not silently take the dependencies of the first away. Systems are named by many files.
 */
export function refuseCatalog(world: World, catalog: Catalog): readonly Refusal[] {
  const before = world.catalogs.get(catalog.name);
  if (before === undefined) {
    if (world.catalogs.size < MOST_CATALOGS) return [];
    const says = `there would be ${world.catalogs.size + 1} catalogues, at most ${MOST_CATALOGS} allowed`;
    return [{ code: 'in-use', says, remedy: 'remove those that are gone: ringfence catalog remove' }];
  }
  const { source, entities } = before.catalog;
  const shared = (name: string) => Object.hasOwn(entities, name) && !name.startsWith('system:');
  if (Object.keys(catalog.entities).some(shared)) return [];
  return [
    {
      code: 'name-taken',
      says: `catalogue "${catalog.name}" came from ${source} and has nothing in common with ${catalog.source}`,
      remedy: 'give it another name (ringfence catalog import FILE --name NAME), or remove the old one first',
    },
  ];
}

export function decideRemoveCatalog(world: World, name: string): CommandDecision {
  if (world.catalogs.has(name)) return ok([{ type: 'CatalogRemoved', data: { name } }]);
  const remedy = meant(name, [...world.catalogs.keys()]);
  return err([{ code: 'unknown-catalog', says: `there is no catalogue "${name}"`, remedy }]);
}
