import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EventBody } from '../../wire/http/log.ts';
import type { PastRolloutBody } from '../../wire/http/past.ts';
import { startFleet, startTestServer, type TestServer } from './testing/fleet.ts';

/* The past of a rollout that real agents carried out, asked for with the real command. */

let server: TestServer;
let fleet: AsyncDisposable;
let events: readonly EventBody[];

before(async () => {
  server = await startTestServer();
  fleet = await startFleet(server, 'auto');
  const { code, stdout, stderr } = await server.run(['rollout', 'start', 'first', '--watch', '--timeout', '2m']);
  assert.equal(code, 0, stdout + stderr);
  const lines = (await server.run(['log', '--after', '0', '--json'])).stdout.trimEnd().split('\n');
  events = lines.map((line) => JSON.parse(line) as EventBody);
});
after(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const of = (type: string) => events.find((event) => event.type === type) ?? assert.fail(`no ${type} on the record`);
const show = (at: string | number) => server.run(['rollout', 'show', 'shop-1', '--at', String(at)]);

test('law 19: every moment of a rollout is shown as the record has it', async () => {
  const baked = of('BakeStarted');
  const { code, stdout } = await show(baked.position);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^as of event ${baked.position}, \\d{4}-.*Z \\((?:.* ago|just now)\\)$`, 'm'));
  assert.match(stdout, /baking {2}shop-1 {2}first [0-9a-f]{12} {2}for /);
  assert.match(stdout, /^ {2}"canary" bakes: \S+ of 100ms$/m);
  assert.match(stdout, /canary +1 target +baking\n.*broad +2 targets +not open$/m);
  assert.match(stdout, /not known +what was measured by then is not on the record/);
  const { phase } = (
    await server.json<PastRolloutBody>(['rollout', 'show', 'shop-1', '--at', String(baked.position - 1)])
  ).rollout;
  assert.equal(phase, 'rolling', 'one event before');
});

test('a time with a zone, or a span ago, is a moment as well', async () => {
  const completed = of('RolloutCompleted');
  const local = new Date(Date.parse(completed.at) + 3_600_000).toISOString().replace('Z', '+01:00');
  assert.match((await show(local)).stdout, /completed {2}shop-1/);
  assert.match((await show('0s ago')).stdout, /completed: its change is the last known good/);
  const list = await server.run(['rollout', 'list', '--at', String(completed.position - 1)]);
  assert.match(list.stdout, /^ID +STATE +STAGE +CHANGE +STARTED +THEN\nshop-1 /);
  assert.doesNotMatch(list.stdout, /completed/);
  const before = await server.run(['get', 'rollouts', '--at', String(of('RolloutStarted').position - 1)]);
  assert.equal(before.stdout, 'There was no rollout then.\n');
});

test('moments that the record does not reach, and texts that are none, are refused in words', async () => {
  const early = await show(of('RolloutStarted').position - 1);
  assert.equal(early.code, 3);
  assert.match(early.stderr, /there was no rollout "shop-1" yet after event \d+, of .*: it began with event \d+, at /);
  for (const [at, says] of [
    ['1999-12-31T23:59:59Z', /1999-12-31T23:59:59\.000Z is before anything was recorded: the record begins at \d{4}-/],
    ['2999-01-01T00:00:00Z', /2999-01-01T00:00:00\.000Z lies ahead: it is \d{4}-/],
    ['0', /the record begins with event 1/],
    ['99999999', /there is no event 99999999 yet/],
  ] as const) {
    const { code, stderr } = await show(at);
    assert.equal(code, 3, stderr);
    assert.match(stderr, says);
  }
  for (const none of ['yesterday', '2026-03-01T12:00:00', '12:00', 'x ago', '']) {
    const { code, stderr } = await show(none);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /is no moment\n.*Expected a position of the log, as in 123, or a time with its zone/);
  }
});
