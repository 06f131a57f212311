import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT_CODES } from './exitCodes.ts';
import { runCli, startCli, temporaryFolder } from './testing/runCli.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Wrong words, what must be said of them, and why. */
const WRONG: readonly (readonly [line: string, says: RegExp, why: string])[] = [
  ['rolout', /there is no command "rolout"; did you mean "rollout"\?/, 'a command'],
  ['rollout wach shop-1', /rollout: there is no command "wach"; did you mean "watch"\?/, 'a command of a command'],
  ['get servces', /get: there is no command "servces"; did you mean "services"\?/, 'a resource'],
  ['get taget x', /did you mean "target"\?/, 'a resource by its singular'],
  ['log verfy', /log: there is no command "verfy"; did you mean "verify"\?/, 'a command of one that runs by itself'],
  ['get services --jsn', /there is no option "--jsn"; did you mean "--json"\?/, 'an option of every command'],
  ['rollout pause shop-1 --reson x', /there is no option "--reson"; did you mean "--reason"\?/, 'an option of its own'],
  ['xyzzy', /there is no command "xyzzy"\n {2}There are: demo, server,/, 'a word that is near nothing'],
  ['rollout', /rollout: a command is missing\n {2}There are: start,/, 'a command that needs another'],
  ['rollout pause shop-1', /--reason <TEXT> is missing: why, for the record/, 'an option that must be there'],
  ['rollout show', /ROLLOUT is missing: id of a rollout/, 'an argument that must be there'],
  ['rollout show a b', /more was given than it takes: "b"/, 'too many arguments'],
  ['apply -f', /--file <FILE> stands without a value/, 'an option without its value'],
  ['rollout watch x --timeout 5x', /cannot be "5x"\. Expected a duration such as 90s/, 'a value that cannot be read'],
  [
    'token create --name x --role admn',
    /cannot be "admn"; did you mean "admin"\? Expected viewer, author, approver, operator, admin, agent, flags/,
    'a choice',
  ],
  ['completion bsh', /SHELL cannot be "bsh"; did you mean "bash"\?/, 'a choice that is an argument'],
  ['get targets --label ring', /Expected NAME=VALUE, as in ring=canary/, 'a label without a value'],
  ['get targets --limit 0', /Expected a whole number from 1 to 100000/, 'a limit'],
  ['log --after -1', /Expected a position in the log/, 'a position'],
  ['server --port 99999', /Expected a port from 1 to 65535/, 'a port'],
  ['server --http 4600', /Expected HOST:PORT/, 'an address to listen on'],
  ['server --port 1 --http 127.0.0.1:1', /cannot be used with/, 'options that contradict each other'],
  ['server --tls-cert x.pem', /--tls-key is missing/, 'half of TLS'],
  ['demo --server http://127.0.0.1:1', /this one runs here/, 'a server for what speaks to none'],
  ['plan', /takes the name of a change or -f FILE, and was given neither/, 'a plan of nothing'],
  ['plan x -f y', /not both/, 'a plan of two things'],
  [
    'get services --server 127.0.0.1:4600',
    /starts with http:\/\/ or https:\/\/; did you mean http:\/\/127\.0\.0\.1:4600\?/,
    'a server without http://',
  ],
  ['get services --server http://me:secret@127.0.0.1:4600', /carries a name or password/, 'a server with a password'],
];

for (const [line, says, why] of WRONG) {
  test(`wrong words: ${why}: ${line}`, async () => {
    const { code, stdout, stderr } = await runCli(line.split(' '));
    assert.match(stderr, says);
    assert.match(stderr, /^ringfence: /);
    assert.doesNotMatch(stderr, /secret|node:internal|\.ts:\d/);
    assert.equal(stdout, '');
    assert.equal(code, EXIT_CODES.usage.code);
  });
}

test('with --json an error is one JSON object on stderr, and stdout is empty', async () => {
  const { code, stdout, stderr } = await runCli(['rolout', '--json']);
  assert.equal(stdout, '');
  const { error } = JSON.parse(stderr) as { error: Record<string, unknown> };
  assert.equal(error.code, 'unknownCommand');
  assert.equal(error.exitCode, code);
  assert.match(String(error.says), /did you mean "rollout"/);
  assert.match(String(error.remedy), /There are/);
});

test('a server that is not there: which one, who said so, and what to do', async () => {
  using folder = temporaryFolder();
  const nowhere = await unusedAddress();
  const { code, stderr } = await runCli(['get', 'services'], {
    cwd: folder.path,
    env: { RINGFENCE_SERVER: nowhere },
  });
  assert.equal(code, EXIT_CODES.unreachable.code);
  const says = `cannot reach the server at ${nowhere} (from RINGFENCE_SERVER): connection refused`;
  assert.ok(stderr.includes(says), stderr);
  assert.match(stderr, /"ringfence server".*--server URL or RINGFENCE_SERVER/);
});

/** Where nobody listens. */
async function unusedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

test('a token is not sent in clear over a network', async () => {
  const env = { RINGFENCE_SERVER: 'http://192.0.2.1:4600', RINGFENCE_TOKEN: 'rfa_secret' };
  const { code, stderr } = await runCli(['get', 'services'], { env });
  assert.equal(code, EXIT_CODES.usage.code);
  assert.match(stderr, /not encrypted/);
  assert.doesNotMatch(stderr, /rfa_secret/);
});

test('help goes to stdout and ends well; so does no word at all', async () => {
  for (const args of [['--help'], [], ['help'], ['rollout', 'watch', '--help'], ['help', 'rollout']]) {
    const { code, stdout, stderr } = await runCli(args);
    assert.match(stdout, /^Usage: ringfence/);
    assert.equal(stderr, '');
    assert.equal(code, 0);
  }
});

test('the version, alone and as JSON', async () => {
  assert.deepEqual(await runCli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  const env = { RINGFENCE_SERVER: 'http://127.0.0.1:9' };
  const { stdout, code } = await runCli(['version', '--json'], { env });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    program: version,
    node: process.versions.node,
    server: { url: 'http://127.0.0.1:9', version: null },
  });
});

const RECORD = fileURLToPath(new URL('./testing/recordModules.mjs', import.meta.url));

/** What a run loads, and what it must do without. */
const LOADS: readonly (readonly [line: string, without: RegExp, why: string])[] = [
  ['--version', /commander|zod|yaml|apps\/(server|agent|demo)|adapters|engine/, 'a version is read from one file'],
  [
    '--help',
    /zod|yaml|fastify|pino|engine|adapters|apps\/(agent|demo)|apps\/server\/(?!serverOptions)/,
    'help knows the commands alone',
  ],
  [
    'get kinds',
    /fastify|pino|ajv|engine|adapters|apps\/(agent|demo)|apps\/server\/(?!serverOptions)/,
    'no server for what needs none',
  ],
  [
    'get rollouts',
    /fastify|pino|ajv|yaml|engine|adapters|apps\/(agent|demo)|apps\/server\/(?!serverOptions)/,
    'nor for a client',
  ],
];

for (const [line, without, why] of LOADS) {
  test(`loading: ringfence ${line}: ${why}`, async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'modules');
    const env = { RECORD_MODULES: file, RINGFENCE_SERVER: 'http://127.0.0.1:9' };
    await runCli(line.split(' '), { cwd: folder.path, env, nodeFlags: ['--import', RECORD] });
    const root = new URL('../../../', import.meta.url).href;
    const loaded = readFileSync(file, 'utf8')
      .split('\n')
      .map((url) => url.replace(root, ''));
    assert.ok(loaded.includes('src/apps/cli/main.ts'), 'modules are recorded');
    assert.deepEqual(
      loaded.filter((url) => without.test(url)),
      [],
    );
  });
}

test('a reader that has read enough ends it quietly', async () => {
  const child = startCli(['completion', 'bash']);
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(stderr, '');
  assert.equal(code, EXIT_CODES.readerGone.code);
});
