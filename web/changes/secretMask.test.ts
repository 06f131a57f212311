import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretMask } from './secretMask.ts';

const CASES: readonly { text: string; masked: string; why: string }[] = [
  { text: '{"password": "hunter2", "port": 1}', masked: '{"password": "•••••• (secret 1)", "port": 1}', why: 'JSON' },
  { text: "db_password: 'hunter2'\n", masked: "db_password: '•••••• (secret 1)'\n", why: 'YAML, quoted' },
  { text: 'API_KEY=abc123\nPORT=80\n', masked: 'API_KEY=•••••• (secret 1)\nPORT=80\n', why: 'an environment file' },
  { text: 'clientSecret: s3\\"x\n', masked: 'clientSecret: •••••• (secret 1)\n', why: 'a name in camel case' },
  {
    text: 'url: postgres://app:hunter2@db/app',
    masked: 'url: postgres://app:•••••• (secret 1)@db/app',
    why: 'an address with credentials',
  },
  {
    text: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
    masked: '-----BEGIN PRIVATE KEY-----\n•••••• (secret 1)\n-----END PRIVATE KEY-----',
    why: 'a key',
  },
  {
    text: 'tokens are fine: they are words\nkeyboard: qwerty\n',
    masked: 'tokens are fine: they are words\nkeyboard: qwerty\n',
    why: 'no secret',
  },
];

for (const { text, masked, why } of CASES) test(`masked: ${why}`, () => assert.equal(secretMask()(text), masked));

test('the same secret has the same number in both texts, another one another; nothing of it is left', () => {
  const mask = secretMask();
  assert.equal(mask('password: one\ntoken: two'), 'password: •••••• (secret 1)\ntoken: •••••• (secret 2)');
  assert.equal(mask('password: three\ntoken: two'), 'password: •••••• (secret 3)\ntoken: •••••• (secret 2)');
});
