import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ApiUnderTest, startApi } from './http/apiUnderTest.ts';
import { connectShopFleet, shopManifests, shopTargets } from './http/shopFleet.ts';

/* Law 16: a template is filled in on every target, so what a target lacks for it is said by the plan, before anything moves. */

type Spec = Record<string, unknown>;
interface Written {
  readonly kind: string;
  readonly spec: Spec;
}

/** What the shop's authors write, its slot a template. */
function templates(content: string, slot: Spec = {}): readonly unknown[] {
  return (shopManifests() as readonly Written[]).map((manifest) => {
    if (manifest.kind === 'Service')
      return { ...manifest, spec: { ...manifest.spec, slots: { 'template/shop': slot } } };
    if (manifest.kind !== 'Change') return manifest;
    return { ...manifest, spec: { ...manifest.spec, slots: { 'template/shop': { content } } } };
  });
}

async function apiWith(t: TestContext): Promise<ApiUnderTest> {
  const api = await startApi();
  t.after(() => api.close());
  assert.equal((await apply(api, templates('nothing yet'))).status, 200);
  const [first, ...others] = shopTargets();
  assert.ok(first);
  const zoned = { ...first, labels: { ...first.labels, zone: 'a' } };
  const fleet = await connectShopFleet(api.controlPlane, { targets: [zoned, ...others] });
  t.after(() => fleet.stop());
  return api;
}

const apply = (api: ApiUnderTest, documents: readonly unknown[]) =>
  api.call({ method: 'POST', path: '/v1/manifests', body: { documents } });

test('law 16: targets that lack a label that a template needs are named by the plan, and nothing starts', async (t) => {
  const api = await apiWith(t);
  const applied = await apply(api, templates('{{ labels.region }} {{ labels.zone }}'));
  assert.equal(applied.status, 200, applied.text);
  const plan = await api.call({ method: 'POST', path: '/v1/plans', body: { change: 'blue' } });
  const { refusals } = plan.body as { readonly refusals: readonly { readonly code: string; readonly says: string }[] };
  const missing = refusals.filter(({ code }) => code === 'label-missing');
  assert.deepEqual(
    missing.map(({ says }) => says),
    ['slot "template/shop" of change "blue" is filled in with the label "zone", which shop-2, shop-3 do not have'],
  );
  const started = await api.call({ method: 'POST', path: '/v1/rollouts', body: { change: 'blue' } });
  assert.deepEqual(
    [started.status, (started.body as { type: string }).type],
    [409, 'urn:ringfence:problem:label-missing'],
  );
});

test('a template whose labels everybody has is planned like any other change', async (t) => {
  const api = await apiWith(t);
  await apply(api, templates('{{ labels.region }} {{ target.name }}'));
  const plan = await api.call({ method: 'POST', path: '/v1/plans', body: { change: 'blue' } });
  const { refusals } = plan.body as { readonly refusals: readonly { readonly code: string }[] };
  assert.ok(!refusals.some(({ code }) => code === 'label-missing'), plan.text);
});

test('law 16: what is no template is refused when it is applied, with its line; so is a schema that nobody could check', async (t) => {
  const api = await apiWith(t);
  const wrong = await apply(api, templates('one\n{{ region }}'));
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /slot \\"template\/shop\\": line 2: found/);
  const schema = await apply(api, templates('{}', { schema: { type: 'object' } }));
  assert.equal(schema.status, 422);
  assert.match(schema.text, /only its targets know what a template comes to/);
});
