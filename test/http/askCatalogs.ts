import assert from 'node:assert/strict';
import type { Request } from './apiUnderTest.ts';

type Answers = (status: number, request: Request) => Promise<{ readonly body: never; readonly text: string }>;

const post = (path: string, body: object): Request => ({ method: 'POST', path, body });

/** What another catalogue knows, by every operation for that. Needs the service `shop` and its change `blue`. */
export async function askCatalogs(answers: Answers): Promise<void> {
  const catalog = (entities: object) => ({
    apiVersion: 'ringfence.dev/v1',
    kind: 'Catalog',
    metadata: { name: 'bi-catalog-info' },
    spec: { source: 'bi/catalog-info.yaml', entities },
  });
  const apply = (...documents: object[]) => post('/v1/manifests', { documents });
  await answers(200, apply(catalog({ bi: { dependsOn: ['shop'] } })));
  const { items } = (await answers(200, { path: '/v1/catalogs', as: 'viewer' })).body as { items: { name: string }[] };
  assert.deepEqual(
    items.map(({ name }) => name),
    ['bi-catalog-info'],
  );
  const bi = { service: 'bi', distance: 1, registered: false };
  const shop = (await answers(200, { path: '/v1/services/shop' })).body as { dependents: object[] };
  assert.deepEqual(shop.dependents, [bi]);
  const plan = (await answers(200, post('/v1/plans', { change: 'blue' }))).body as { blast: { dependents: object[] } };
  assert.deepEqual(plan.blast.dependents, [bi]);
  assert.match((await answers(422, apply(catalog({ 'B I': {} })))).text, /the name \\"B I\\"/);
  assert.match((await answers(409, apply(catalog({ other: {} })))).text, /name-taken/);
  await answers(400, { path: '/v1/catalogs?limit=0' });
  await answers(204, { method: 'DELETE', path: '/v1/catalogs/bi-catalog-info' });
  await answers(404, { method: 'DELETE', path: '/v1/catalogs/bi-catalog-info' });
}
