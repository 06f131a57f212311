import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from './exitCodes.ts';
import { startFleet, startTestServer, type TestServer } from './testing/fleet.ts';

let server: TestServer;
let fleet: AsyncDisposable;

before(async () => {
  server = await startTestServer();
  fleet = await startFleet(server, 'auto');
});

after(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const entity = (kind: string, name: string, spec: string) =>
  `apiVersion: backstage.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n  type: service\n  owner: group:team-a\n${spec}`;
const CHECKOUT = entity('Component', 'checkout', '  consumesApis: [orders]\n  dependsOn:\n    - resource:orders-db\n');
const SHOP = entity('Component', 'shop', '  providesApis: [orders]\n');
const GROUP = entity('Group', 'team-a', '');

/** Writes a catalog-info.yaml as it lies in a repository of this name. */
function repository(name: string, ...entities: readonly string[]): string {
  mkdirSync(join(server.folder, name), { recursive: true });
  writeFileSync(join(server.folder, name, 'catalog-info.yaml'), entities.join('---\n'));
  return `${name}/catalog-info.yaml`;
}

test('a file of Backstage entities is taken in, shows up in services and plans, is replaced, and is forgotten', async () => {
  const file = repository('checkout', CHECKOUT, SHOP, GROUP);
  const applied = await server.run(['apply', '-f', file]);
  assert.equal(applied.stdout, 'created    Catalog/checkout-catalog-info\n', applied.stderr);
  assert.match(
    applied.stderr,
    /checkout\/catalog-info\.yaml: passed over Group team-a, which says nothing of dependencies/,
  );
  assert.equal((await server.run(['catalog', 'import', file])).stdout, 'unchanged  Catalog/checkout-catalog-info\n');

  assert.match((await server.run(['get', 'services'])).stdout, /^NAME .*NEEDED BY\nshop .* checkout *\n$/);
  const shop = await server.run(['get', 'service', 'shop']);
  assert.match(shop.stdout, /^needs +nothing\nneeded by +directly checkout \(catalogued\)$/m);
  const plan = await server.run(['plan', 'first']);
  assert.match(plan.stdout, /^blast +\d+ targets \(100 %\)$/m);
  assert.match(plan.stdout, /^dependents +directly checkout \(catalogued\)$/m);

  const list = await server.run(['get', 'catalogs']);
  assert.match(
    list.stdout,
    /^NAME +SOURCE +ENTITIES +TAKEN IN\ncheckout-catalog-info +checkout\/catalog-info\.yaml +3 +\d{4}-/,
  );
  const one = await server.run(['get', 'catalog', 'checkout-catalog-info']);
  assert.match(
    one.stdout,
    /^entities +api:orders stands for shop\n +checkout needs api:orders and resource:orders-db\n +shop$/m,
  );

  repository('checkout', CHECKOUT.replace(/ {2}consumesApis.*\n/, ''), SHOP);
  assert.equal((await server.run(['apply', '-f', file])).stdout, 'replaced   Catalog/checkout-catalog-info\n');
  assert.match((await server.run(['get', 'service', 'shop'])).stdout, /^needed by +no service depends on this one$/m);

  const misspelt = await server.run(['catalog', 'remove', 'checkout-catalog-inf']);
  assert.equal(misspelt.code, EXIT_CODES.refused.code);
  assert.match(misspelt.stderr, /there is no catalogue "checkout-catalog-inf"; did you mean "checkout-catalog-info"\?/);
  const removed = await server.run(['catalog', 'remove', 'checkout-catalog-info']);
  assert.equal(removed.stdout, 'removed  catalogue checkout-catalog-info, with the dependencies it brought\n');
  const none = await server.run(['get', 'catalogs']);
  assert.match(none.stdout, /^No catalogue has been taken in/);
});

test('files of one name in two repositories are two catalogues; the same folder twice is refused', async () => {
  const [a, b] = [repository('a/one', SHOP), repository('b/one', CHECKOUT)];
  assert.equal((await server.run(['apply', '-f', a])).stdout, 'created    Catalog/one-catalog-info\n');
  const refused = await server.run(['apply', '-f', b]);
  assert.equal(refused.code, EXIT_CODES.refused.code);
  assert.match(
    refused.stderr,
    /catalogue "one-catalog-info" came from a\/one\/catalog-info\.yaml and has nothing in common/,
  );
  assert.match(refused.stderr, /--name NAME/);
  const named = await server.run(['catalog', 'import', b, '--name', 'other-one']);
  assert.equal(named.stdout, 'created    Catalog/other-one\n', named.stderr);
  const { items } = await server.json<{ items: { name: string }[] }>(['get', 'catalogs']);
  assert.deepEqual(
    items.map(({ name }) => name),
    ['one-catalog-info', 'other-one'],
  );
  for (const { name } of items) await server.run(['catalog', 'remove', name]);
});

test('stdin has no name of its own', async () => {
  const refused = await server.run(['apply', '-f', '-'], { stdin: SHOP });
  assert.equal(refused.code, EXIT_CODES.usage.code);
  assert.match(
    refused.stderr,
    /Backstage entities from stdin have no path .*\n.*ringfence catalog import - --name NAME/,
  );
  const named = await server.run(['catalog', 'import', '-', '--name', 'from-stdin'], { stdin: SHOP });
  assert.equal(named.stdout, 'created    Catalog/from-stdin\n', named.stderr);
  await server.run(['catalog', 'remove', 'from-stdin']);
});

const MISTAKES: readonly (readonly [why: string, args: readonly string[], stdin: string, says: RegExp])[] = [
  [
    'a dependency without its kind',
    ['catalog', 'import', '-', '--name', 'x'],
    CHECKOUT.replace('resource:orders-db', 'orders-db'),
    /<stdin>:10:7: spec\.dependsOn\[0\]: found the text "orders-db", expected an entity reference with its kind.*\n +10 \| {5}- orders-db\n +\| {7}\^+/,
  ],
  ['a name that is none', ['catalog', 'import', '-', '--name', 'A B'], SHOP, /"A B" cannot be the name of a catalogue/],
  [
    'another kind of file',
    ['catalog', 'import', '-', '--name', 'x'],
    'apiVersion: ringfence.dev/v1\nkind: Freeze\n',
    /<stdin> has no Backstage entity in it/,
  ],
];
for (const [why, args, stdin, says] of MISTAKES) {
  test(`refused before anything is sent: ${why}`, async () => {
    const { code, stderr } = await server.run(args, { stdin });
    assert.equal(code, EXIT_CODES.usage.code);
    assert.match(stderr, says);
  });
}

test('traffic, the largest step and peaks are shown as they were written', async () => {
  const manifests = `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: till }
spec:
  roles: { web: {} }
  slots: { config/till: {} }
  metrics: { sales: { counter: sales_total }, failures: { counter: failures_total } }
  traffic: { metric: sales }
---
apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: till }
spec:
  service: till
  largestStep: { traffic: 25%, targets: 50% }
  stages:
    - name: all
      targets: {}
      waves: [1, { traffic: 2.5% }, 100%]
      bake:
        minimum: 5m
        peak: { from: "18:00", to: "20:00", timeZone: Europe/Berlin, days: [mon-fri] }
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: sales, margin: 0.02 }
`;
  const applied = await server.run(['apply', '-f', '-'], { stdin: manifests });
  assert.equal(applied.code, 0, applied.stderr);
  assert.match((await server.run(['get', 'service', 'till'])).stdout, /^traffic +by metric sales$/m);
  const pipeline = (await server.run(['get', 'pipeline', 'till'])).stdout;
  assert.match(
    pipeline,
    /waves 1, 2\.5% of the traffic, 100%; bake 5m and a peak \(18:00 to 20:00 Europe\/Berlin, mon-fri\) within/,
  );
  assert.match(pipeline, /^largest step +at most 25 % of the traffic and 50 % of the targets open at once$/m);
});

test('rollout show says who is exposed, and who would be', async () => {
  const started = await server.run(['rollout', 'start', 'first']);
  assert.equal(started.code, 0, started.stderr);
  const shown = await server.run(['rollout', 'show', 'shop-1']);
  assert.match(shown.stdout, /^ {2}blast +now \d+ targets? \(\d+ %\)\n +with "\w+" \d+ targets \(100 %\)$/m);
});
