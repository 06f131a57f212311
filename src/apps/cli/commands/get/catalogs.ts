import { type CatalogBody, listCatalogs } from '../../../../wire/http/catalog.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { moment, names } from '../../present/words.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

export const getCatalogs: Run<{ limit: number }, [name?: string]> = async (context, { limit }, name) => {
  const client = await context.client();
  if (name === undefined) {
    return showList(context, await client.list(listCatalogs, {}, limit), {
      columns: [
        { title: 'NAME' },
        { title: 'SOURCE', shrinkTo: 16 },
        { title: 'ENTITIES', align: 'right' },
        { title: 'TAKEN IN' },
      ],
      row: ({ name: called, source, entities, at }) => [called, source, `${Object.keys(entities).length}`, moment(at)],
      none: 'No catalogue has been taken in. "ringfence catalog import FILE" takes one in.',
    });
  }
  const { items } = await client.list(listCatalogs, {}, Number.POSITIVE_INFINITY);
  const catalog = items.find((each) => each.name === name);
  if (catalog === undefined)
    throw unknownName(
      'catalogue',
      name,
      items.map((each) => each.name),
      'ringfence get catalogs',
    );
  context.output.document(catalog);
  context.output.lines(facts(catalogFacts(catalog), context.output.width));
  return 'done';
};

function catalogFacts({ name, source, entities, by, at }: CatalogBody): Fact[] {
  return [
    ['catalogue', { text: name, tone: 'strong' }],
    ['source', source],
    ['taken in', `${moment(at)} by ${by}`],
    ...Object.entries(entities).map(([entity, { dependsOn, standsFor }]): Fact => {
      const needs = dependsOn.length === 0 ? '' : ` needs ${names(dependsOn, dependsOn.length, 20)}`;
      const stands = standsFor.length === 0 ? '' : ` stands for ${names(standsFor, standsFor.length, 20)}`;
      return ['entities', `${entity}${needs}${needs !== '' && stands !== '' ? ', and' : ''}${stands}`];
    }),
  ];
}
