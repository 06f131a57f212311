import type { z } from 'zod';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { Catalog } from '../../core/topology/catalog.ts';
import { API_VERSION, envelope } from './envelope.ts';
import { distinct, entries, fields, list } from './fields.ts';
import { pattern, sentence } from './scalars.ts';

/** In one catalogue: entities, names that one of them refers to, and names that all of them refer to. */
export const MOST_ENTITIES = 5000;
export const MOST_REFERENCES = 1000;
export const MOST_REFERENCES_IN_ALL = 20_000;

const ENTITY =
  'a service such as shop, or something else with its kind, such as resource:orders-db or api:team-a/orders';

/** A Backstage reference without its defaults: of a component of the default namespace only the name is left. */
export const entityName = pattern(
  ENTITY,
  /^(?=.{1,200}$)(?:[a-z][a-z0-9]*:)?(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/)?[a-z0-9](?:[-a-z0-9_.]*[a-z0-9])?$/,
).refine((name) => !(name in Object.prototype), { error: `${ENTITY}, other than a name reserved by JavaScript` });

const references = list('a list of names', entityName, MOST_REFERENCES).superRefine(...distinct('a name'));

const entity = fields('a mapping with dependsOn and standsFor, both optional', {
  dependsOn: references.optional().describe('what it needs'),
  standsFor: references
    .optional()
    .describe('it is only another name for these: who needs an API needs what provides it'),
});

const spec = fields('a mapping with source and entities', {
  source: sentence('where this comes from', 1000).optional().describe('the file it was made from'),
  entities: entries('a mapping of one entity or more', entityName, entity, 1)
    .refine((all) => Object.keys(all).length <= MOST_ENTITIES, { error: `at most ${MOST_ENTITIES} entities` })
    .refine((all) => countReferences(all) <= MOST_REFERENCES_IN_ALL, {
      error: `at most ${MOST_REFERENCES_IN_ALL} names in all that they refer to`,
    }),
});

interface Written {
  readonly dependsOn?: readonly string[] | undefined;
  readonly standsFor?: readonly string[] | undefined;
}

/** How many names the entities refer to, all together. */
export function countReferences(entities: Readonly<Record<string, Written>>): number {
  const counts = Object.values(entities).map(
    ({ dependsOn = [], standsFor = [] }) => dependsOn.length + standsFor.length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

export const catalogManifest = envelope('Catalog', spec);

export function toCatalog({ metadata, spec }: z.output<typeof catalogManifest>): Catalog {
  const entities = Object.entries(spec.entities).map(([name, { dependsOn = [], standsFor = [] }]) => {
    return [name, { dependsOn, standsFor }] as const;
  });
  return { name: metadata.name, source: spec.source ?? metadata.name, entities: Object.fromEntries(entities) };
}

/** The catalogue as the manifest that says it: reading that gives the same catalogue. */
export function toCatalogManifest({ name, source, entities }: Catalog): Readonly<Record<string, Json>> {
  const written = Object.entries(entities).map(([entity, { dependsOn, standsFor }]) => [
    entity,
    {
      ...(dependsOn.length === 0 ? {} : { dependsOn: [...dependsOn] }),
      ...(standsFor.length === 0 ? {} : { standsFor: [...standsFor] }),
    },
  ]);
  return {
    apiVersion: API_VERSION,
    kind: 'Catalog',
    metadata: { name },
    spec: { source, entities: Object.fromEntries(written) },
  };
}
