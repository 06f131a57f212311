import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { loginFileIn } from '../cli/connection/savedLogin.ts';
import { installLogin } from './demoLogin.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-login-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const demo = { server: 'http://127.0.0.1:4600', token: 'rfa_demo' };
const read = () => JSON.parse(readFileSync(loginFileIn(folder), 'utf8'));
const has = () => statSync(loginFileIn(folder), { throwIfNoEntry: false }) !== undefined;
const write = (login: unknown) => {
  mkdirSync(join(folder, '.ringfence'), { recursive: true });
  writeFileSync(loginFileIn(folder), JSON.stringify(login), { mode: 0o600 });
};

test('the login is there while the demo runs, for its owner alone, and gone afterwards', () => {
  const login = installLogin(folder, demo, null);
  assert.deepEqual(read(), demo);
  assert.equal(statSync(login.file).mode & 0o777, 0o600);
  login.remove();
  assert.equal(has(), false);
});

test('a person’s own login is set aside and put back', () => {
  const mine = { server: 'https://ringfence.example', token: 'rfa_mine' };
  write(mine);
  const login = installLogin(folder, demo, null);
  assert.deepEqual(read(), demo);
  login.remove();
  assert.deepEqual(read(), mine);
});

test('a demo that was killed neither loses a person’s login nor leaves its own behind', () => {
  const mine = { server: 'https://ringfence.example', token: 'rfa_mine' };
  write(mine);
  installLogin(folder, { ...demo, token: 'rfa_killed' }, null);
  const login = installLogin(folder, demo, 'rfa_killed');
  login.remove();
  assert.deepEqual(read(), mine);

  rmSync(loginFileIn(folder));
  installLogin(folder, { ...demo, token: 'rfa_killed' }, null);
  installLogin(folder, demo, 'rfa_killed').remove();
  assert.equal(has(), false);
});

test('a login made while the demo ran stays', () => {
  const login = installLogin(folder, demo, null);
  write({ server: 'https://ringfence.example', token: 'rfa_new' });
  login.remove();
  assert.equal(read().token, 'rfa_new');
});
