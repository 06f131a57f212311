import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { instant, named, nameParams, pageOf, pageQuery } from './schema.ts';

export const catalogBody = named(
  'Catalog',
  z.object({
    name: z.string(),
    source: z.string().describe('the file it came from, as whoever applied it named it'),
    entities: z
      .record(
        z.string(),
        z.object({
          dependsOn: z.array(z.string()),
          standsFor: z.array(z.string()).describe('it is only another name for these'),
        }),
      )
      .describe('by name; the name of a registered service is that service'),
    by: z.string(),
    at: instant,
  }),
);
export type CatalogBody = z.infer<typeof catalogBody>;

export const listCatalogs = operation({
  id: 'listCatalogs',
  method: 'GET',
  path: '/v1/catalogs',
  tag: 'services',
  summary: 'What other catalogues know of who needs whom, by name',
  access: READ,
  query: pageQuery,
  answers: { 200: { says: 'One page of catalogues.', schema: pageOf('CatalogPage', catalogBody) } },
  problems: [],
});

export const removeCatalog = operation({
  id: 'removeCatalog',
  method: 'DELETE',
  path: '/v1/catalogs/:name',
  tag: 'services',
  summary: 'Forget a catalogue and the dependencies that it brought',
  access: 'policy',
  params: nameParams,
  answers: { 204: { says: 'Forgotten.', schema: null } },
  problems: ['unknown-catalog', ...STORE_PROBLEMS],
});
