import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from './exitCodes.ts';
import { startFleet, startTestServer, type TestServer } from './testing/fleet.ts';

let server: TestServer;

before(async () => {
  server = await startTestServer();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

test('target retire: one that is gone for good is forgotten; who comes back enrols again; an unknown one names the near', async () => {
  const names = async () =>
    (await server.json<{ items: { name: string }[] }>(['get', 'targets'])).items.map(({ name }) => name).sort();
  const fleet = await startFleet(server, 'auto');
  await fleet[Symbol.asyncDispose]();
  assert.deepEqual(await names(), ['shop-1', 'shop-2', 'shop-3']);

  const unknown = await server.run(['target', 'retire', 'shop-33']);
  assert.equal(unknown.code, EXIT_CODES.refused.code);
  assert.match(unknown.stderr, /there is no target "shop-33"; did you mean "shop-3"\?/);
  const elsewhere = await server.run(['target', 'retire', 'shop-3', '--service', 'other']);
  assert.equal(elsewhere.code, EXIT_CODES.refused.code, elsewhere.stdout);
  assert.deepEqual(await names(), ['shop-1', 'shop-2', 'shop-3']);

  const retired = await server.run(['target', 'retire', 'shop-3']);
  assert.equal(retired.stdout, 'retired  target shop-3 of shop: nothing waits for it any more\n', retired.stderr);
  assert.deepEqual(await names(), ['shop-1', 'shop-2']);
  assert.match((await server.run(['log'])).stdout, /shop-3/);
  const { items } = await server.json<{ items: { uid: string }[] }>(['get', 'targets']);
  const byUid = await server.json<{ retired: string }>(['target', 'retire', items[0]?.uid ?? '']);
  assert.equal(byUid.retired, items[0]?.uid);
  assert.equal((await names()).length, 1);
});
