import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from './exitCodes.ts';
import { changeManifest, startFleet, startTestServer, type TestServer } from './testing/fleet.ts';

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

test('apply: one line for each manifest; the same again changes nothing', async () => {
  const stdin = changeManifest('second', '{"size": 2}');
  const first = await server.run(['apply', '-f', '-'], { stdin });
  assert.match(first.stdout, /^created {4}Change\/second {2}[0-9a-f]{12}\n$/);
  const second = await server.run(['apply', '-f', '-'], { stdin });
  assert.match(second.stdout, /^unchanged {2}Change\/second {2}[0-9a-f]{12}\n$/);
  const { applied } = JSON.parse((await server.run(['apply', '-f', '-', '--json'], { stdin })).stdout) as {
    applied: object[];
  };
  assert.deepEqual(
    applied.map((each) => Object.keys(each)),
    [['kind', 'name', 'outcome', 'digest']],
  );
});

test('apply: bytes that are not text arrive as they are', async () => {
  const service =
    'apiVersion: ringfence.dev/v1\nkind: Service\nmetadata: { name: raw }\nspec:\n  roles: { a: {} }\n  slots:\n    config/raw: {}\n';
  const change = changeManifest('raw', '')
    .replace('service: shop', 'service: raw')
    .replace(/config\/shop: .*/, 'config/raw: { file: raw.bin }');
  writeFileSync(join(server.folder, 'raw.bin'), Buffer.from([0xff, 0, 0xfe, 10]));
  writeFileSync(join(server.folder, 'raw.yaml'), `${change}---\n${service}`);
  const { code, stderr } = await server.run(['apply', '-f', 'raw.yaml']);
  assert.equal(stderr, '');
  assert.equal(code, 0, 'a service after its change in the file is sent before it');
  const { slots } = await server.json<{ slots: Record<string, string> }>(['get', 'changes', 'raw']);
  const digest = createHash('sha256')
    .update(readFileSync(join(server.folder, 'raw.bin')))
    .digest('hex');
  assert.equal(slots['config/raw'], `sha256:${digest}`);
});

test('apply: content that its slot does not allow is refused with the server’s words, and nothing is registered', async () => {
  const { code, stdout, stderr } = await server.run(['apply', '-f', '-'], { stdin: changeManifest('wrong', '{}') });
  assert.equal(code, EXIT_CODES.refused.code);
  assert.equal(stdout, '');
  assert.match(stderr, /change "wrong", slot "config\/shop": .*size/);
  const { items } = await server.json<{ items: { name: string }[] }>(['get', 'changes']);
  assert.ok(!items.some(({ name }) => name === 'wrong'));
});

test('get: every list, one of each, as text and as JSON', async () => {
  const found: Readonly<Record<string, readonly [name: string, text: RegExp]>> = {
    services: ['shop', /^NAME +ROLES +SLOTS +DEPENDS ON +NEEDED BY\n/],
    pipelines: ['shop', /^NAME +SERVICE +STAGES +CHECKS\nshop +shop +canary > broad +errors \(guardrail\)\n/],
    changes: ['first', /^DIGEST +NAME +SERVICE +ROLES +AUTHOR +STATE\n/],
    targets: ['shop-1', /shop-1 +shop +web +ring=canary +[0-9a-f]{12} +settled\n/],
    tokens: ['agents', /[0-9a-f]+ +agent +agents +20/],
    kinds: ['Change', /^KIND +OF +WHAT IT IS\n/],
  };
  for (const [resource, [name, text]] of Object.entries(found)) {
    assert.match((await server.run(['get', resource])).stdout, text);
    const { items } = await server.json<{ items: object[] }>(['get', resource]);
    assert.ok(items.length > 0, resource);
    const one = await server.run(['get', resource, name]);
    assert.ok(one.stdout.includes(name), one.stdout);
    assert.equal(one.code, 0);
  }
});

test('get: targets by label and by connection; a name that is not there suggests one that is', async () => {
  const canaries = await server.json<{ items: { name: string }[] }>([
    'get',
    'targets',
    '--label',
    'ring=canary',
    '--connected',
  ]);
  assert.deepEqual(
    canaries.items.map(({ name }) => name),
    ['shop-1'],
  );
  assert.deepEqual((await server.json<{ items: object[] }>(['get', 'targets', '--disconnected'])).items, []);
  for (const [line, says] of [
    ['get target shop-11', /there is no target "shop-11"; did you mean "shop-1"\?/],
    ['get service shp', /there is no service "shp"; did you mean "shop"\?/],
    ['get change frist', /there is no change "frist"; did you mean "first"\?/],
  ] as const) {
    const { code, stderr } = await server.run(line.split(' '));
    assert.match(stderr, says);
    assert.equal(code, EXIT_CODES.refused.code);
  }
});

test('plan: waves, roles, what is connected; by name, by digest and by manifest', async () => {
  const { code, stdout } = await server.run(['plan', 'first']);
  assert.equal(code, 0);
  assert.match(stdout, /broad +ring=broad +2 +2 +2 web +1, 2 +100ms/);
  assert.match(stdout, /It may start:\n {2}ringfence rollout start first --pipeline shop\n$/);
  assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  const { change } = await server.json<{ change: { digest: string } }>(['plan', 'first']);
  assert.deepEqual(await server.json(['plan', change.digest.slice(7, 15)]), await server.json(['plan', 'first']));
  const named = changeManifest('other-name', '{"size": 1}');
  const byManifest = await server.run(['plan', '-f', '-', '--json'], { stdin: named });
  assert.equal(
    (JSON.parse(byManifest.stdout) as { change: { digest: string } }).change.digest,
    change.digest,
    'the same content is the same change',
  );
  const unknown = await server.run(['plan', '-f', '-'], { stdin: changeManifest('never-applied', '{"size": 99}') });
  assert.equal(unknown.code, EXIT_CODES.refused.code);
  assert.match(
    unknown.stderr,
    /is not registered with this content.*\n.*ringfence apply -f - && ringfence plan never-applied/,
  );
});

test('a whole rollout, told in a pipe: a line for each thing that happened, 0 at the end, and the files hold it', async () => {
  const { code, stdout, stderr } = await server.run(['rollout', 'start', 'first', '--watch']);
  assert.equal(stderr, '');
  assert.equal(code, EXIT_CODES.done.code);
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}\S/);
  const says = lines.map((line) => line.slice(22).replace(/ \(by .*/, ''));
  assert.match(says[0] ?? '', /^shop-1 started: first [0-9a-f]{12} through shop \(canary > broad\)$/);
  assert.deepEqual(says.slice(1), [
    'shop-1 opened wave 1 of stage canary',
    'shop-1 rehearses the way back in stage canary',
    'shop-1 went back as rehearsed: 1 target, by effect',
    'shop-1 opened wave 1 of stage canary',
    'shop-1 bakes stage canary: all of its targets confirmed',
    'shop-1 passed stage canary: errors on web pass',
    'shop-1 opened wave 1 of stage broad',
    'shop-1 opened wave 2 of stage broad',
    'shop-1 bakes stage broad: all of its targets confirmed',
    'shop-1 passed stage broad: errors on web pass',
    'shop-1 completed: it is the last known good now',
    'shop-1 completed',
  ]);
  for (const target of [1, 2, 3])
    assert.equal(readFileSync(join(server.folder, `target-${target}`, 'shop.json'), 'utf8'), '{"size": 1}');
  const again = await server.run(['plan', 'first']);
  assert.equal(again.code, EXIT_CODES.refused.code);
  assert.match(again.stdout, /It would be refused:\n {2}already-in-force {2}/);
});

test('how the checks of a rollout went: in words, and every point for programs', async () => {
  const { code, stdout } = await server.run(['rollout', 'judge', 'shop-1']);
  assert.equal(code, EXIT_CODES.done.code);
  assert.match(stdout, /^\w+ on \w+, every 1s, evidence in nats$/m);
  assert.match(stdout, /pass/);
  assert.match(stdout, /^calibration {2}(there is too little past|in \d+ pieces? of the past)/m);
  const document = JSON.parse((await server.run(['rollout', 'judge', 'shop-1', '--json'])).stdout);
  assert.ok(document.series[0].points.length > 0);
  const unknown = await server.run(['rollout', 'judge', 'shp-1']);
  assert.equal(unknown.code, EXIT_CODES.refused.code);
  assert.match(unknown.stderr, /shop-1/);
});

test('watching one that has ended tells what happened, again and at once; an unknown one names the near', async () => {
  const { code, stdout } = await server.run(['rollout', 'watch', 'shop-1', '--json']);
  assert.equal(code, EXIT_CODES.done.code);
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; outcome?: string });
  assert.ok(told.filter(({ kind }) => kind === 'event').length >= 9);
  assert.equal(told.at(-1)?.kind, 'end');
  assert.equal(told.at(-1)?.outcome, 'completed');
  const unknown = await server.run(['rollout', 'watch', 'shp-1']);
  assert.equal(unknown.code, EXIT_CODES.refused.code);
  assert.match(unknown.stderr, /Did you mean shop-1\?/);
});

test('the log: all of it, its end, as JSON lines, and whether it is whole', async () => {
  const all = (await server.run(['log', '--after', '0'])).stdout.trimEnd().split('\n');
  assert.match(all[0] ?? '', /^ +1 {2}\d{4}-/);
  const lines = (await server.run(['log', '--after', '0', '--json'])).stdout.trimEnd().split('\n');
  const positions = lines.map((line) => (JSON.parse(line) as { position: number }).position);
  assert.deepEqual(
    positions,
    positions.map((_, index) => index + 1),
  );
  assert.equal(all.length, positions.length);
  const some = await server.run(['log', '--after', String(positions.length - 2)]);
  assert.equal(some.stdout.trimEnd().split('\n').length, 2);
  assert.match((await server.run(['log', 'verify'])).stdout, /^intact +\d+ events, every hash recomputed/);
});

test('halt and lift: said, refused when they mean nothing, and "rollout halt" is the same', async () => {
  const halted = await server.run(['halt', '--reason', 'storm']);
  assert.match(halted.stdout, /^The line is halted/);
  const plan = await server.run(['plan', 'second']);
  assert.equal(plan.code, EXIT_CODES.refused.code);
  assert.match(plan.stdout, /line-halted/);
  const start = await server.run(['rollout', 'start', 'second', '--json']);
  assert.equal(start.code, EXIT_CODES.refused.code);
  assert.equal((JSON.parse(start.stderr) as { error: { code: string } }).error.code, 'line-halted');
  assert.match((await server.run(['lift'])).stdout, /^The line is open/);
  assert.equal((await server.run(['lift'])).code, EXIT_CODES.refused.code);
  assert.equal((await server.run(['rollout', 'halt', '-r', 'again'])).code, 0);
  assert.equal((await server.run(['lift'])).code, 0);
});

test('tokens: the secret goes to stdout alone or into a new file for its owner alone, works, and stops working', async () => {
  const { stdout, stderr } = await server.run(['token', 'create', '--role', 'viewer', '--name', 'reader']);
  const secret = stdout.trim();
  assert.match(stdout, /^\S+\n$/);
  assert.ok(!stderr.includes(secret));
  const id = /token (\S+) for viewer/.exec(stderr)?.[1] ?? '';
  const env = { RINGFENCE_TOKEN: secret };
  assert.equal((await server.run(['get', 'services'], { env })).code, 0);
  const denied = await server.run(['halt', '-r', 'x'], { env });
  assert.equal(denied.code, EXIT_CODES.unreachable.code);
  assert.equal((await server.run(['token', 'revoke', id])).code, 0);
  const revoked = await server.run(['get', 'services'], { env });
  assert.equal(revoked.code, EXIT_CODES.unreachable.code);
  assert.match(revoked.stderr, /ringfence login http/);
  const unknown = await server.run(['token', 'revoke', `${id}0`]);
  assert.equal(unknown.code, EXIT_CODES.refused.code);
  assert.equal(statSync(join(server.folder, 'agent.token')).mode & 0o777, 0o600);
  const taken = await server.run(['token', 'create', '--role', 'agent', '--name', 'x', '--output', 'agent.token']);
  assert.equal(taken.code, EXIT_CODES.usage.code);
  assert.match(taken.stderr, /agent\.token is there already/);
});

test('login: tries the token, keeps it for its owner alone, and it is used from then on', async () => {
  const env = { RINGFENCE_SERVER: '', RINGFENCE_TOKEN: '' };
  const bad = await server.run(['login', server.http], { env, stdin: 'rfa_wrong\n' });
  assert.equal(bad.code, EXIT_CODES.unreachable.code);
  assert.match(bad.stderr, /does not know this token; nothing was kept/);
  const agents = readFileSync(join(server.folder, 'agent.token'), 'utf8');
  const agent = await server.run(['login', server.http], { env, stdin: agents });
  assert.match(agent.stderr, /this is a token for agents/);
  assert.equal(
    (await server.run(['get', 'services', '--server', server.http], { env })).code,
    EXIT_CODES.unreachable.code,
    'nothing was kept',
  );

  const { code, stdout, stderr } = await server.run(['login', server.http, '--here'], {
    env,
    stdin: `${server.adminToken}\n`,
  });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.match(stdout, /^signed in to http:\/\/127\.0\.0\.1:\d+ as .+ \(admin\); kept in .*\.ringfence\/cli\.json\n$/);
  assert.ok(!stdout.includes(server.adminToken));
  assert.equal(statSync(join(server.folder, '.ringfence', 'cli.json')).mode & 0o777, 0o600);
  const kept = await server.run(['get', 'services'], { env, cwd: join(server.folder, 'target-1') });
  assert.equal(kept.code, 0, 'found from a folder below');
});
