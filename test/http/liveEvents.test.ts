import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiUnderTest, startApi, until } from './apiUnderTest.ts';
import { followStream, type StreamEvent } from './followStream.ts';
import { connectShopFleet, shopManifests } from './shopFleet.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi({ heartbeatMs: 300, mostStreams: 2 });
});
afterEach(() => api.close());

const head = () => api.controlPlane.world().position;
const positions = (events: readonly StreamEvent[]) =>
  events.filter(({ event }) => event === 'appended').map(({ id }) => id);
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Two events for each, on the record in the order of the calls. */
async function haltAndLift(times: number, reason = 'to see'): Promise<void> {
  const { controlPlane } = api;
  const both = () => [controlPlane.halt('engine', reason), controlPlane.lift('engine')];
  await Promise.all(Array.from({ length: times }, both).flat());
}

async function openStreams(): Promise<number> {
  const { text } = await api.call({ path: '/metrics' });
  return Number(/^ringfence_live_streams (\d+)$/m.exec(text)?.[1]);
}

test('a stream that was cut resumes after the last event it saw: none is missed, none comes twice', async () => {
  const first = await followStream(api, { query: '?after=0' });
  await haltAndLift(5);
  await until('all events', () => positions(first.events).length === head());
  await first.leave();
  const seen = positions(first.events);
  assert.deepEqual(seen, upTo(1, head()));

  await haltAndLift(5);
  const second = await followStream(api, { lastEventId: 7 });
  await haltAndLift(5);
  await until('the rest', () => positions(second.events).at(-1) === head());
  assert.deepEqual(positions(second.events), upTo(8, head()));
  await second.leave();
});

test('a stream begins with what is appended next, and reads the log where that is older than what is kept in memory', async () => {
  await haltAndLift(700);
  const [next, all] = await Promise.all([followStream(api), followStream(api, { query: '?after=0' })]);
  const from = head();
  await haltAndLift(1);
  await until('everything', () => positions(all.events).at(-1) === head());
  await until('the newest', () => positions(next.events).at(-1) === head());
  assert.deepEqual(positions(all.events), upTo(1, head()));
  assert.deepEqual(positions(next.events), upTo(from + 1, head()));
  await Promise.all([next.leave(), all.leave()]);
});

test('how a rollout stands comes as it changes, and how it ended comes last', async () => {
  await api.call({ method: 'POST', path: '/v1/manifests', body: { documents: shopManifests() } });
  const fleet = await connectShopFleet(api.controlPlane);
  const stream = await followStream(api);
  await api.call({ method: 'POST', path: '/v1/rollouts', body: { change: 'blue' } });
  const views = () =>
    stream.events
      .filter(({ event }) => event === 'rollout')
      .map(({ data }) => data as { rollout: { phase: string; holds: { reason: string }[] } });
  await until('a person to be asked', () =>
    views().some(({ rollout }) => rollout.holds.some(({ reason }) => reason === 'awaiting-promotion')),
  );
  fleet.quiet(true);
  const comments = stream.comments.length;
  await until('time in which nothing happens', () => stream.comments.length > comments + 3);
  fleet.quiet(false);
  await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
  await until('its end', () => views().at(-1)?.rollout.phase === 'completed');
  fleet.stop();
  const texts = views().map((view) => JSON.stringify(view));
  for (const [index, text] of texts.entries())
    assert.notEqual(text, texts[index - 1], 'nothing is sent that did not change');

  const later = await followStream(api);
  await haltAndLift(1);
  await until('the halt', () => positions(later.events).length === 2);
  assert.equal(
    later.events.some(({ event }) => event === 'rollout'),
    false,
    'nothing more of a rollout that is over',
  );
  await Promise.all([stream.leave(), later.leave()]);
});

test('comments show that a quiet stream lives', async () => {
  const stream = await followStream(api);
  assert.equal(stream.response.headers.get('content-type'), 'text/event-stream');
  await until('two comments', () => stream.comments.length >= 2);
  await stream.leave();
  await until('the stream to be let go', async () => (await openStreams()) === 0);
});

test('a client that takes nothing in is cut off, and may resume', async () => {
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  socket.write(
    `GET /v1/events?after=0 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${api.tokens.viewer}\r\n\r\n`,
  );
  await until('the stream to open', async () => (await openStreams()) === 1);
  // More than what two sockets' buffers hold.
  await haltAndLift(60, 'x'.repeat(200_000));
  await until('the stream to be cut', async () => (await openStreams()) === 0);
  socket.destroy();

  const stream = await followStream(api, { query: '?after=3' });
  await until('everything', () => positions(stream.events).at(-1) === head());
  assert.deepEqual(positions(stream.events), upTo(4, head()));
  await stream.leave();
});

test('a revoked token ends its streams, and no others', async () => {
  const made = (await api.call({ method: 'POST', path: '/v1/tokens', body: { role: 'viewer', name: 'a wall' } }))
    .body as { id: string; secret: string };
  const doomed = await followStream(api, { token: made.secret });
  const other = await followStream(api);
  await api.call({ method: 'DELETE', path: `/v1/tokens/${made.id}` });
  await until('its end', doomed.ended);
  await haltAndLift(1);
  await until('the other to go on', () => positions(other.events).at(-1) === head());
  await other.leave();
});

test('there are only so many streams, and whoever is too many is told when to come back', async () => {
  const streams = await Promise.all([followStream(api), followStream(api)]);
  const refused = await api.call({ path: '/v1/events' });
  assert.equal(refused.status, 503);
  assert.equal((refused.body as { code: string }).code, 'too-many-streams');
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  await Promise.all(streams.map((stream) => stream.leave()));
});

test('closing the server ends the streams', async () => {
  const stream = await followStream(api);
  await api.close();
  await until('its end', stream.ended);
});
