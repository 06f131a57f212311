import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { driverTools } from '../../../test/support/driverTools.ts';
import { type Driver, DriverError, type Revision } from '../../engine/ports/driver.ts';
import type { WebhookSlot } from '../../wire/manifest/slot/webhookSlot.ts';
import { revisionOf } from './contract/driverProofs.ts';
import { eventually } from './testing/eventually.ts';
import { PLACE_TARGET } from './testing/places/placeTarget.ts';
import { SECRET, WebhookSystem } from './testing/webhookSystem.ts';
import { webhookDriver } from './webhook.ts';
import { isSigned, readWebhookKeys, signWebhook } from './webhookSignature.ts';

/* What the contract of all kinds does not ask: what goes over the wire, and what happens when it does not go well. */

const SIGNAL = new AbortController().signal;
const NEXT = revisionOf(Buffer.from('replicas = 2'));
const BACK: Revision = { content: 'absent', bytes: null, attributes: null };

interface Stand {
  readonly system: WebhookSystem;
  /** A driver as a new start of the agent would have it. */
  driver(change?: Partial<WebhookSlot>): Driver;
  readonly secretFile: string;
}

async function stand(t: TestContext, secret = SECRET): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-webhook-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const secretFile = join(folder, 'webhook.secret');
  await writeFile(secretFile, `${secret}\n`);
  const system = new WebhookSystem();
  const url = await system.listen();
  t.after(() => system.close());
  const spec: WebhookSlot = {
    kind: 'webhook',
    url,
    secretFile,
    timeoutMs: 2_000,
    withinMs: 10_000,
    pollEveryMs: 50,
    callback: null,
    watchForMs: 0,
  };
  const tools = driverTools();
  return { system, secretFile, driver: (change = {}) => webhookDriver({ ...spec, ...change }, tools) };
}

async function failureOf(act: Promise<unknown>): Promise<DriverError> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DriverError, `expected a DriverError, found ${String(error)}`);
  return error;
}

const operations = ({ messages }: WebhookSystem) =>
  messages.filter(({ message }) => message.type === 'ringfence.apply' || message.type === 'ringfence.undo');

test('an operation says what is to be held, by whom, and after which one', async (t) => {
  const { system, driver } = await stand(t);
  await driver().apply(NEXT, 'absent', SIGNAL);
  await driver().undo(BACK, NEXT.content, SIGNAL, 'reload');
  const [apply, undo] = operations(system);
  assert.deepEqual(apply?.message.data, {
    target: PLACE_TARGET,
    revision: NEXT.content,
    content: 'replicas = 2',
    follows: null,
  });
  assert.deepEqual([undo?.message.data.revision, undo?.message.data.follows], [null, apply?.id]);
});

test('what is not answered is tried again with the same id, and done once', async (t) => {
  const { system, driver } = await stand(t);
  const one = driver();
  await one.read(SIGNAL);
  system.refuseOperations = 3;
  await one.apply(NEXT, 'absent', SIGNAL);
  const sent = operations(system);
  assert.deepEqual([sent.length, new Set(sent.map(({ id }) => id)).size, system.runs], [4, 1, 1]);
});

test('an agent that starts anew sends the same id for the same operation, and another one for the next', async (t) => {
  const { system, driver } = await stand(t);
  system.refuseOperations = 1_000;
  const first = await failureOf(driver({ withinMs: 300 }).apply(NEXT, 'absent', SIGNAL));
  assert.deepEqual([first.code, first.touched], ['apply-failed', true]);
  system.refuseOperations = 0;
  await driver().apply(NEXT, 'absent', SIGNAL);
  await driver().undo(BACK, NEXT.content, SIGNAL, 'reload');
  await driver().apply(NEXT, 'absent', SIGNAL);
  const applies = operations(system).filter(({ message }) => message.type === 'ringfence.apply');
  assert.equal(new Set(applies.map(({ id }) => id)).size, 2);
  assert.equal(system.runs, 3);
});

test('what comes late is not taken: an operation follows the newest one or none', async (t) => {
  const { system, driver } = await stand(t);
  await driver().apply(NEXT, 'absent', SIGNAL);
  const [late] = operations(system);
  await driver().undo(BACK, NEXT.content, SIGNAL, 'reload');
  assert.ok(late);
  assert.equal(await system.replay('op_late', late.message), 409);
  assert.equal(system.held, null);
});

test('the way back is sent also where nothing seems to have happened, so that an apply still on its way is not taken', async (t) => {
  const { system, driver } = await stand(t);
  await driver().undo(BACK, NEXT.content, SIGNAL, 'reload');
  const [undo] = operations(system);
  assert.equal(undo?.message.type, 'ringfence.undo');
  const apply = {
    type: 'ringfence.apply',
    data: { target: PLACE_TARGET, revision: NEXT.content as never, content: 'replicas = 2', follows: null },
  };
  assert.equal(await system.replay('op_on_its_way', apply), 409);
  assert.equal(system.held, null);
});

test('who finds another operation under way waits for it, and follows it', async (t) => {
  const { system, driver } = await stand(t);
  system.takesMs = 300;
  const gone = new AbortController();
  const applied = driver().apply(NEXT, 'absent', gone.signal);
  await eventually('the apply to run', async () => system.operation?.state === 'running');
  gone.abort();
  await failureOf(applied);
  assert.equal(await driver().undo(BACK, NEXT.content, SIGNAL, 'reload'), 'webhook');
  assert.deepEqual([system.held, system.runs], [null, 2]);
});

test('what the system could not do is said in its words, and can be tried again', async (t) => {
  const { system, driver } = await stand(t);
  system.fails = 'terraform: quota exceeded';
  const failure = await failureOf(driver().apply(NEXT, 'absent', SIGNAL));
  assert.deepEqual([failure.code, failure.touched], ['apply-failed', true]);
  assert.match(failure.message, /quota exceeded/);
  assert.match((await failureOf(driver().undo(BACK, NEXT.content, SIGNAL, 'reload'))).message, /quota exceeded/);
  system.fails = null;
  assert.equal(await driver().undo(BACK, NEXT.content, SIGNAL, 'reload'), 'webhook');
});

test('law 7: a system that says it is done and holds something else is not believed', async (t) => {
  const { system, driver } = await stand(t);
  system.lies = true;
  assert.match((await failureOf(driver().apply(NEXT, 'absent', SIGNAL))).message, /done, and holds absent/);
});

test('what takes too long fails within the limit, and says how far it came', async (t) => {
  const { system, driver } = await stand(t);
  system.takesMs = 2_000;
  const failure = await failureOf(driver({ withinMs: 200 }).apply(NEXT, 'absent', SIGNAL));
  assert.match(failure.message, /operation op_[0-9a-f]{32} is not over within 200ms/);
});

test('a check that is refused keeps everything as it was', async (t) => {
  const { system, driver } = await stand(t);
  system.refusesChecks = 'variable "replicas" has no default';
  const failure = await failureOf(driver().prepare(NEXT, BACK, SIGNAL));
  assert.deepEqual([failure.code, failure.touched, system.runs], ['prepare-failed', false, 0]);
  assert.match(failure.message, /422: .*has no default/);
});

test('the system may call when it is done, and who does not know the secret is not heard', async (t) => {
  const { system, driver } = await stand(t);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/finished`;
  system.takesMs = 200;
  // Were it not called, it would ask again after an hour, and fail before that.
  const applied = driver({
    pollEveryMs: 3_600_000,
    withinMs: 20_000,
    callback: { host: '127.0.0.1', port, url },
  }).apply(NEXT, 'absent', SIGNAL);
  const forged = await eventually('the door to be open', async () =>
    fetch(url, { method: 'POST', body: '{"type":"ringfence.finished"}' }).catch(() => null),
  );
  assert.equal(forged.status, 401);
  await applied;
  assert.equal(operations(system)[0]?.message.data.callback, url);
  assert.equal(await fetch(url).catch(() => null), null, 'nobody listens when nothing runs');
});

test('secrets are believed one beside the other, so that they can be changed; none is ever shown', async (t) => {
  const { system, driver, secretFile } = await stand(t);
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  await writeFile(secretFile, `# new\n${other}\n${SECRET}\n`);
  await driver().apply(NEXT, 'absent', SIGNAL);
  assert.equal(system.held, NEXT.content);
  for (const text of [`${other}\n`, 'whsec_c2hvcnQ=\n', 'hunter2\n', '']) {
    await writeFile(secretFile, text);
    const failure = await failureOf(driver({ withinMs: 100 }).undo(BACK, NEXT.content, SIGNAL, 'reload'));
    assert.equal(failure.code, 'revert-failed');
    for (const secret of [other, other.slice(6), 'hunter2', 'c2hvcnQ']) assert.ok(!failure.message.includes(secret));
  }
});

test('signatures are those of Standard Webhooks, and hold for five minutes', () => {
  const keys = readWebhookKeys(SECRET);
  assert.ok(keys.ok);
  const body = Buffer.from('{"a":"ä"}');
  const now = 1_800_000_000;
  const headers = { id: 'msg_1', timestamp: now };
  const signature = signWebhook(keys.value, headers, body);
  assert.equal(signature, new Webhook(SECRET).sign('msg_1', new Date(now * 1000), body.toString()));
  const table: readonly [signature: string, atMs: number, right: boolean][] = [
    [signature, now * 1000, true],
    [`v1,AAAA v2,xyz ${signature}`, now * 1000 + 299_000, true],
    [signature, now * 1000 + 301_000, false],
    [signature, now * 1000 - 301_000, false],
    [signature.replace('v1', 'v2'), now * 1000, false],
    ['', now * 1000, false],
    ['v1,', now * 1000, false],
  ];
  for (const [given, atMs, right] of table)
    assert.equal(isSigned(keys.value, headers, given, body, atMs), right, given);
  assert.equal(isSigned(keys.value, { ...headers, id: 'msg_2' }, signature, body, now * 1000), false);
  assert.equal(isSigned(keys.value, headers, signature, Buffer.from('{}'), now * 1000), false);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
