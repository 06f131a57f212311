import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifests } from './parseManifests.ts';

const read = (roles: string, slots: string) =>
  parseManifests(
    `apiVersion: ringfence.dev/v1\nkind: Service\nmetadata: { name: shop }\nspec: { roles: ${roles}, slots: ${slots} }\n`,
    'shop.yaml',
  );

test('the members of a role may be parts of the users, so many in each ring', () => {
  const manifest = read(
    '{ web: {}, users: { shares: { canary: 1, rest: 99 } } }',
    '{ config/shop: { roles: [web] }, flags/shop: {} }',
  );
  assert.ok(manifest.ok);
  const [service] = manifest.value;
  assert.deepEqual(service?.kind === 'Service' && service.service.shares, { users: { canary: 1, rest: 99 } });
});

test('shares that cannot be are refused', () => {
  const flags = '{ flags/shop: {} }';
  const refused: readonly [roles: string, slots: string, says: RegExp][] = [
    ['{ users: { shares: {} } }', flags, /shares.*a mapping of rings to parts/],
    ['{ users: { shares: { canary: 0 } } }', flags, /a whole number from 1 to 1000/],
    ['{ users: { shares: { canary: 999, rest: 2 } } }', flags, /1001 parts, expected at most 1000/],
    ['{ a: { shares: { all: 1 } }, b: { shares: { all: 1 } } }', flags, /roles\.b\.shares.*in one role alone/],
    ['{ users: { shares: { all: 9 } } }', '{ config/shop: {} }', /shares of users hold flags and nothing else/],
  ];
  for (const [roles, slots, says] of refused) {
    const manifest = read(roles, slots);
    assert.match(manifest.ok ? 'it was taken' : manifest.error.map((each) => each.says).join('\n'), says);
  }
});
