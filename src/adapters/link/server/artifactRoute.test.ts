import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, TOKEN } from '../testing/testFleet.ts';
import { type ServerUnderTest, withServer } from '../testing/withServer.ts';
import { requestedRange } from './artifactRoute.ts';

const TEXT = '0123456789';

function get(
  { server }: ServerUnderTest,
  name: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
) {
  const authorization = { Authorization: `Bearer ${TOKEN}` };
  return fetch(`http://127.0.0.1:${server.port}/v1/artifacts/${name}`, {
    method,
    headers: { ...authorization, ...headers },
  });
}

withServer('an artifact is served whole, by its digest', {}, async (world) => {
  const digest = world.fleet.keep(TEXT);
  for (const name of [digest, encodeURIComponent(digest)]) {
    const answer = await get(world, name);
    const { headers } = answer;
    assert.deepEqual([answer.status, headers.get('content-length'), headers.get('etag')], [200, '10', `"${digest}"`]);
    assert.equal(await answer.text(), TEXT);
  }
  const head = await get(world, digest, {}, 'HEAD');
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '10', '']);
});

withServer('a range of it too, so that a download can go on where it stopped', {}, async (world) => {
  const answer = await get(world, world.fleet.keep(TEXT), { Range: 'bytes=3-' });
  assert.deepEqual([answer.status, answer.headers.get('content-range')], [206, 'bytes 3-9/10']);
  assert.equal(await answer.text(), '3456789');
  const beyond = await get(world, digestOf(TEXT), { Range: 'bytes=10-' });
  assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, 'bytes */10']);
});

withServer('what is not an artifact is said to be none', {}, async (world) => {
  assert.equal((await get(world, digestOf('unknown'))).status, 404);
  assert.equal((await get(world, 'sha256:xyz')).status, 400);
  assert.equal((await get(world, digestOf(TEXT), {}, 'DELETE')).status, 405);
});

withServer('an artifact that cannot be read is an error, told without its cause', {}, async (world) => {
  world.fleet.artifact = () => Promise.reject(new Error('corrupt: /var/lib/secret'));
  const answer = await get(world, digestOf(TEXT));
  assert.equal(answer.status, 500);
  assert.ok(!(await answer.text()).includes('secret'));
  assert.match(world.log.join(), /corrupt/);
  await world.stillServes();
});

const ranges: readonly [header: string | undefined, range: ReturnType<typeof requestedRange>, why: string][] = [
  [undefined, null, 'none asked'],
  ['bytes=0-4', { start: 0, end: 4 }, 'both ends'],
  ['bytes=5-', { start: 5, end: 9 }, 'to the end'],
  ['bytes=-3', { start: 7, end: 9 }, 'the last three'],
  ['bytes=-30', { start: 0, end: 9 }, 'more than there is'],
  ['bytes=8-100', { start: 8, end: 9 }, 'beyond the end'],
  ['bytes=10-', 'unsatisfiable', 'after the end'],
  ['bytes=-0', 'unsatisfiable', 'the last none'],
  ['bytes=4-2', null, 'the wrong way round: ignored'],
  ['bytes=0-1,3-4', null, 'several: ignored'],
  ['lines=0-1', null, 'another unit: ignored'],
  ['bytes=-', null, 'nothing said: ignored'],
];

for (const [header, expected, why] of ranges) {
  test(`range ${header}: ${why}`, () => assert.deepEqual(requestedRange(header, 10), expected));
}

test('a range of nothing cannot be satisfied', () => assert.equal(requestedRange('bytes=0-', 0), 'unsatisfiable'));
