import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { until } from '../http/apiUnderTest.ts';
import { RingStand } from './ringStand.ts';

/* Flags of targets that have an agent: beside a file of the same change, forward and back as one. */

const greeting = (value: string) =>
  JSON.stringify({ flags: { greeting: { type: 'string', variants: { it: value }, serve: 'it' } } });

test('a change of a file and of flags goes forward and back as one, target by target', {
  timeout: 180_000,
}, async (t) => {
  const stand = new RingStand(t);
  await stand.prepare({ 'config/shop': {}, 'flags/shop': {} }, (_, home) => {
    writeFileSync(join(home, 'shop.json'), 'old');
    return { 'config/shop': { file: './shop.json', watchFor: '1s' } };
  });
  const token = await stand.call<{ secret: string }>('POST', '/v1/tokens', { role: 'flags', name: 'shop' });
  const headers = { authorization: `Bearer ${token.body.secret}` };
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: stand.http ?? '', headers }));
  const client = OpenFeature.getClient();
  /** What each target's program is served, and what its file holds. */
  const held = () =>
    Promise.all(
      RingStand.RINGS.map(async (ring) => {
        const value = await client.getStringValue('greeting', 'none', { 'ringfence.target': `shop-${ring}` });
        return `${value} ${readFileSync(join(stand.folder, ring, 'shop.json'), 'utf8')}`;
      }),
    );
  assert.deepEqual(await held(), ['none old', 'none old']);

  const first = await stand.roll('first', { 'config/shop': 'new', 'flags/shop': greeting('hi') });
  assert.equal(await stand.ended(first), 'completed');
  assert.deepEqual(await held(), ['hi new', 'hi new']);

  const second = await stand.roll('second', { 'config/shop': 'newer', 'flags/shop': greeting('hello') });
  await until('the canary to have both', async () => (await held())[0] === 'hello newer');
  assert.equal((await held())[1], 'hi new', 'the others have neither');
  await stand.call('POST', `/v1/rollouts/${second}/rollback`, { reason: 'hi will do' });
  assert.equal((await held())[0]?.split(' ')[0], 'hi', 'flags are back when the order is given');
  assert.equal(await stand.ended(second), 'rolledBack');
  assert.deepEqual(await held(), ['hi new', 'hi new']);
});
