import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from './exitCodes.ts';
import { eventually } from './testing/eventually.ts';
import { changeManifest, startFleet, startTestServer, type TestServer } from './testing/fleet.ts';
import type { Finished } from './testing/runCli.ts';

/*
 * People with tokens of their own, a real server and real agents: what is asked of whom, who may say so, and the emergency way.
 */

let server: TestServer;
let fleet: AsyncDisposable;
const tokens = new Map<string, string>();

const PEOPLE = {
  ann: 'author',
  bob: 'approver',
  carol: 'approver',
  olga: 'operator',
  ada: 'admin',
  vic: 'viewer',
} as const;
type Person = keyof typeof PEOPLE;

before(async () => {
  server = await startTestServer();
  fleet = await startFleet(server, 'auto');
  for (const [name, role] of Object.entries(PEOPLE)) {
    const file = `${name}.token`;
    const made = await server.run(['token', 'create', '--role', role, '--name', name, '--output', file]);
    assert.equal(made.code, 0, made.stderr);
    tokens.set(name, readFileSync(join(server.folder, file), 'utf8').trim());
  }
  const applied = await as('ada', 'apply -f -', PIPELINE);
  assert.equal(applied.code, 0, applied.stderr);
});

after(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const as = (who: Person, line: string, stdin?: string): Promise<Finished> =>
  server.run(line.split(' '), {
    env: { RINGFENCE_TOKEN: tokens.get(who) ?? '' },
    ...(stdin === undefined ? {} : { stdin }),
  });

const reason = (who: Person, line: string, why: string): Promise<Finished> =>
  server.run([...line.split(' '), '--reason', why], { env: { RINGFENCE_TOKEN: tokens.get(who) ?? '' } });

const PIPELINE = `apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  approvals:
    - { before: start, role: approver, count: 2 }
    - { before: broad, role: operator }
  fastTrack: { minimum: 50ms }
  stages:
    - { name: canary, targets: { ring: canary }, bake: { minimum: 100ms } }
    - { name: broad, targets: { ring: broad }, bake: { minimum: 100ms } }
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.2 }
`;

/** Text that was folded to a terminal's width, as one line. */
const unfolded = (text: string) => text.replace(/\s+/g, ' ');

/** Until the rollout stands so. */
async function stands(id: string, says: RegExp): Promise<string> {
  return eventually(`${id} stands as ${says}`, async () => {
    const { stdout } = await as('vic', `rollout show ${id}`);
    return says.test(stdout) ? unfolded(stdout) : null;
  });
}

test('a token of each role is known for who holds it and as what', async () => {
  const login = await server.run(['login', server.http, '--here'], { stdin: `${tokens.get('olga')}\n` });
  assert.match(login.stdout, /as olga \(operator\); kept in/);
  const agent = await server.run(['login', server.http, '--here'], {
    stdin: readFileSync(join(server.folder, 'agent.token'), 'utf8'),
  });
  assert.equal(agent.code, EXIT_CODES.unreachable.code);
  assert.match(agent.stderr, /this is a token for agents/);
});

test('law 15: who may not is told which role it takes, and nothing changes', async () => {
  for (const [who, line, says] of [
    [
      'vic',
      'rollout start first',
      /"vic" has the role viewer; to start rollouts needs the role author, operator or admin/,
    ],
    ['ann', 'lift', /"ann" has the role author; to .*lift a halt.* needs the role operator or admin/],
    [
      'ann',
      'approve first',
      /"ann" has the role author; to approve and reject needs the role approver, operator or admin/,
    ],
    [
      'olga',
      'token revoke any',
      /"olga" has the role operator; to manage tokens and signing keys needs the role admin/,
    ],
  ] as const) {
    const { code, stderr } = await as(who, line);
    assert.equal(code, EXIT_CODES.unreachable.code, line);
    assert.match(stderr, says);
  }
  const pipeline = await as('ann', 'apply -f -', PIPELINE);
  assert.equal(pipeline.code, EXIT_CODES.unreachable.code);
  assert.match(
    pipeline.stderr,
    /"ann" has the role author; to register services, pipelines and freezes needs the role admin/,
  );
});

test('law 15: a change waits for two people, then for an operator, none of them its own', async () => {
  assert.equal((await as('ann', 'apply -f -', changeManifest('by-ann', '{"size": 5}'))).code, 0);
  const asked = await as('vic', 'get pipeline shop');
  assert.match(asked.stdout, /^approvals +before it starts: 2 by approver\n +before broad: 1 by operator\nfast-track/m);
  const plan = await as('ann', 'plan by-ann');
  assert.equal(plan.code, EXIT_CODES.refused.code);
  const says = unfolded(plan.stdout);
  assert.match(
    says,
    /approval before it starts: 0 of 2 by approver; ada, bob, carol and server admin could before broad: 0 of 1/,
  );
  assert.match(says, /approval-missing 2 of 2 approvals by the role approver missing before it starts/);

  assert.match((await as('bob', 'get approvals --mine')).stdout, /by-ann +ann +before it starts: 0 of 2 by approver/);
  assert.equal((await as('ann', 'get approvals --mine')).stdout, 'Nothing waits for you.\n');

  const first = await reason('bob', 'approve by-ann', 'read it');
  assert.match(first.stdout, /^approved +by-ann\n/);
  assert.match(first.stdout, /approved +before it starts by bob \(approver\), .*: read it/);
  assert.equal((await as('bob', 'get approvals --mine')).stdout.includes('by-ann'), false);
  const early = await as('olga', 'rollout start by-ann');
  assert.equal(early.code, EXIT_CODES.refused.code);
  assert.match(
    early.stderr,
    /1 of 2 approvals by the role approver missing before it starts \(ada, carol or server admin could give them\)/,
  );

  assert.equal((await reason('carol', 'reject by-ann', 'not on a Friday')).code, 0);
  assert.match(
    (await as('olga', 'rollout start by-ann')).stderr,
    /rejected by carol before it starts: not on a Friday/,
  );
  assert.equal((await as('carol', 'approve by-ann')).code, 0);
  assert.equal((await as('olga', 'rollout start by-ann')).code, 0);

  assert.match(
    await stands('shop-1', /^. held/),
    /1 of 1 approvals by the role operator missing before "broad" \([^)]*ada[^)]*could give them\)/,
  );
  const own = await as('olga', 'approve shop-1');
  assert.equal(own.code, EXIT_CODES.refused.code);
  assert.match(own.stderr, /"olga" started shop-1, and nobody approves their own/);
  assert.equal((await as('ada', 'approve shop-1')).code, 0);
  assert.equal((await as('vic', 'rollout watch shop-1 --timeout 60s')).code, 0);
});

test('law 15: break-glass goes past a freeze and missing approvals, by two people, and is seen everywhere', async () => {
  const freeze =
    'apiVersion: ringfence.dev/v1\nkind: Freeze\nmetadata: { name: quiet }\nspec: { reason: nobody is at work, timeZone: UTC, starts: 2020-01-01, duration: P1D, rule: FREQ=DAILY }\n';
  assert.equal((await as('ada', 'apply -f -', freeze)).code, 0);
  assert.equal((await as('ann', 'apply -f -', changeManifest('cure', '{"size": 6}'))).code, 0);
  assert.equal((await as('olga', 'rollout start cure')).code, EXIT_CODES.refused.code);
  assert.match(
    (await reason('olga', 'break-glass ask cure --for 5h', 'the shop is down')).stderr,
    /forMs/,
    'at most four hours',
  );
  const asked = await reason('olga', 'break-glass ask cure --for 1h', 'the shop is down');
  assert.match(asked.stdout, /^BREAK-GLASS asked for +cure\n[\s\S]*BREAK-GLASS +asked for by olga, not confirmed yet/);
  assert.match((await as('bob', 'get approvals --mine')).stdout, /break-glass, asked for by olga/);
  assert.match((await as('olga', 'break-glass confirm cure')).stderr, /it takes two people/);
  assert.equal((await as('olga', 'rollout start cure')).code, EXIT_CODES.refused.code, 'one alone opens nothing');
  assert.equal((await as('bob', 'break-glass confirm cure')).code, 0);
  assert.equal((await as('olga', 'rollout start cure')).code, 0);
  const shown = await stands('shop-2', /completed/);
  assert.match(shown, /BREAK-GLASS by olga and bob, until .*: the shop is down/);
  const log = (await as('vic', 'log')).stdout;
  assert.match(log, /BREAK-GLASS asked for by olga for cure through shop/);
  assert.match(log, /\[BREAK-GLASS\] shop-2 goes on by BREAK-GLASS, past frozen, awaiting-approval/);
  for (const line of log.split('\n').filter((each) => / shop-2[: ]/.test(each))) assert.match(line, /\[BREAK-GLASS\]/);
  assert.equal((await as('ada', 'freeze remove quiet')).code, 0);
  assert.equal((await reason('bob', 'halt', 'let us look at it first')).code, 0);
  assert.equal((await as('bob', 'lift')).code, EXIT_CODES.unreachable.code);
  assert.equal((await reason('olga', 'lift', 'looked at')).code, 0);
  assert.match(
    (await as('vic', 'log')).stdout,
    /the line is halted: let us look at it first .*\n.*the halt is lifted: looked at/,
  );
});

test('fast-track: back to what was good before, forward, and nobody is asked', async () => {
  const plan = await as('olga', 'plan by-ann');
  assert.equal(plan.code, 0, plan.stdout);
  assert.match(unfolded(plan.stdout), /pipeline shop, by its fast-track: this is known to be good/);
  assert.equal((await as('olga', 'rollout start by-ann --watch --timeout 60s')).code, 0);
});

test('law 6: a change that cannot be undone says why and how one restores, everywhere; ordered back it stops', async () => {
  const manifest = (said: string) =>
    changeManifest('moves-data', '{"size": 7}').replace('  slots:', `  irreversible: ${said}\n  slots:`);
  const short = await as('ann', 'apply -f -', manifest('{ reason: because, restore: nothing }'));
  assert.equal(short.code, EXIT_CODES.usage.code);
  assert.match(short.stderr, /irreversible\.reason.*20 characters/);
  const said = '{ reason: it rewrites the stored orders, restore: restore the orders from the nightly backup }';
  assert.equal((await as('ann', 'apply -f -', manifest(said))).code, 0);
  const taken = await as('ann', 'apply -f -', changeManifest('moves-data', '{"size": 7}'));
  assert.equal(taken.code, EXIT_CODES.refused.code);
  assert.match(taken.stderr, /is registered as one that cannot be undone/);

  assert.match(
    (await as('vic', 'get change moves-data')).stdout,
    /^to restore +restore the orders from the nightly backup$/m,
  );
  const plan = await as('ann', 'plan moves-data');
  assert.match(
    plan.stdout,
    /no undo +it rewrites the stored orders\nto restore +restore the orders from the nightly backup/,
  );
  for (const who of ['bob', 'carol'] as const) assert.equal((await as(who, 'approve moves-data')).code, 0);
  assert.equal((await as('olga', 'rollout start moves-data')).code, 0);
  await stands('shop-4', /held[\s\S]*awaiting-approval/);
  assert.equal((await reason('ann', 'rollout rollback shop-4', 'orders are lost')).code, 0);
  const shown = await stands('shop-4', /stopped, not undone/);
  assert.match(shown, /stopped, not undone on 1 target: orders are lost; nobody else gets it/);
  assert.match(shown, /to restore restore the orders from the nightly backup/);
  const held = readFileSync(join(server.folder, 'target-1', 'shop.json'), 'utf8');
  assert.equal(held, '{"size": 7}', 'the target that has it keeps it');
  assert.match((await as('vic', 'log')).stdout, /shop-4 stopped, not undone: 1 target keeps it/);
  const next = await as('olga', 'plan by-ann');
  assert.match(unfolded(next.stdout), /no-way-back targets keep in config\/shop what an earlier rollout brought/);
});
