import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { CliError } from '../cliError.ts';
import { temporaryFolder } from '../testing/runCli.ts';
import { findConnection, readToken } from './findConnection.ts';
import { loginFileIn, personalLoginFile, saveLogin } from './savedLogin.ts';
import { keepsSecrets, readServerUrl } from './serverUrl.ts';

const NEAR = 'http://127.0.0.1:4601';
const FAR = 'https://ringfence.example';

/** A home with a personal login to FAR, and in it a project with one to NEAR and a folder deep below. */
function layout(home: string) {
  const project = join(home, 'project');
  const deep = join(project, 'a', 'b');
  mkdirSync(deep, { recursive: true });
  saveLogin({ file: loginFileIn(project), server: NEAR, token: 'near' });
  saveLogin({ file: personalLoginFile({ HOME: home }), server: FAR, token: 'far' });
  return { project, deep };
}

const FOUND: readonly (readonly [
  given: { option?: string; env?: Record<string, string>; in: 'deep' | 'home' },
  server: string,
  token: string | null,
  why: string,
])[] = [
  [{ in: 'deep' }, NEAR, 'near', 'the nearest login from here upwards'],
  [{ in: 'home' }, FAR, 'far', 'else the personal one'],
  [{ in: 'deep', option: FAR }, FAR, 'far', 'a server by name has the token kept for it'],
  [
    { in: 'deep', option: 'https://other.example' },
    'https://other.example',
    null,
    'another server never sees a token kept for this one',
  ],
  [{ in: 'deep', option: `${NEAR}/` }, NEAR, 'near', 'a slash at the end means nothing'],
  [
    { in: 'home', env: { RINGFENCE_SERVER: NEAR } },
    NEAR,
    null,
    'the environment names a server; nothing near was kept for it',
  ],
  [{ in: 'deep', env: { RINGFENCE_SERVER: FAR }, option: NEAR }, NEAR, 'near', 'an option goes before the environment'],
  [
    { in: 'deep', env: { RINGFENCE_TOKEN: ' mine\n' } },
    NEAR,
    'mine',
    'a token in the environment goes before what was kept',
  ],
];

for (const [given, server, token, why] of FOUND) {
  test(`connection: ${why}`, () => {
    using folder = temporaryFolder();
    const { deep } = layout(folder.path);
    const env = { HOME: folder.path, ...given.env };
    const found = findConnection({ server: given.option, env, cwd: given.in === 'deep' ? deep : folder.path });
    assert.equal(found.server, server);
    assert.equal(found.token, token);
  });
}

test('connection: this machine when nothing says otherwise', () => {
  using folder = temporaryFolder();
  const { server, serverFrom, token } = findConnection({
    server: undefined,
    env: { HOME: folder.path },
    cwd: folder.path,
  });
  assert.deepEqual(
    { server, serverFrom, token },
    { server: 'http://127.0.0.1:4600', serverFrom: 'the default', token: null },
  );
});

test('a login is kept for its owner alone, out of git, and replaced whole', () => {
  using folder = temporaryFolder();
  const file = loginFileIn(folder.path);
  saveLogin({ file, server: NEAR, token: 'one' });
  saveLogin({ file, server: NEAR, token: 'two' });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
  assert.equal(readFileSync(join(dirname(file), '.gitignore'), 'utf8'), '*\n');
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { server: NEAR, token: 'two' });
  assert.ok(!existsSync(`${file}.${process.pid}.new`));
});

const UNTRUSTED: readonly (readonly [text: string, mode: number, says: RegExp])[] = [
  ['{"server": "http://x"', 0o600, /is not JSON/],
  ['{"token": "x"}', 0o600, /names no server/],
  ['null', 0o600, /names no server/],
  ['{"server": "http://127.0.0.1", "token": 7}', 0o600, /a token that is not text/],
  ['{"server": "ftp://x"}', 0o600, /starts with http/],
  ['{"server": "http://127.0.0.1"}', 0o622, /can be written by others \(mode 622\)/],
];

for (const [text, mode, says] of UNTRUSTED) {
  test(`a login file that is not to be trusted: ${text} ${mode.toString(8)}`, () => {
    using folder = temporaryFolder();
    const file = loginFileIn(folder.path);
    mkdirSync(dirname(file));
    writeFileSync(file, text);
    chmodSync(file, mode);
    assert.throws(
      () => findConnection({ server: undefined, env: { HOME: folder.path }, cwd: folder.path }),
      (error: CliError) => error.exit === 'usage' && says.test(error.message) && error.message.includes(file),
    );
  });
}

test('tokens: white space around one goes, what cannot be one is refused without repeating it', () => {
  assert.equal(readToken(' rfa_x\n', 'stdin'), 'rfa_x');
  for (const text of ['', ' \n', 'two words', 'rfa_x\nrfa_y', 'ümlaut', 'x'.repeat(5000)]) {
    assert.throws(
      () => readToken(text, 'stdin'),
      (error: CliError) => error.exit === 'usage' && (text.trim() === '' || !error.message.includes(text)),
    );
  }
});

const SECRET_KEEPERS: readonly (readonly [server: string, keeps: boolean])[] = [
  ['http://127.0.0.1:4600', true],
  ['http://127.9.9.9', true],
  ['http://[::1]:4600', true],
  ['http://localhost:4600', true],
  ['https://ringfence.example', true],
  ['http://ringfence.example', false],
  ['http://10.0.0.1', false],
  ['http://127.0.0.1.example', false],
  ['http://localhost.example', false],
];

for (const [server, keeps] of SECRET_KEEPERS) {
  test(`a token ${keeps ? 'may go to' : 'never goes to'} ${server}`, () =>
    assert.equal(keepsSecrets(readServerUrl(server, 'a test')), keeps));
}
